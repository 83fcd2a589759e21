#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "app/commands.h"
#include "app/data_options.h"
#include "app/progress.h"
#include "models/inference.h"
#include "training/evaluation.h"
#include "training/opened_data.h"
#include "training/run_training.h"
#include "training/training_record.h"

namespace necknode::app {

void AddEvaluate(CLI::App& cli) {
  struct Options {
    std::filesystem::path package, json;
    std::string data = "phantom";
    training::EvaluationData what;
    training::OpenOptions open;
  };
  auto options = std::make_shared<Options>();
  auto* command = cli.add_subcommand(
      "evaluate", "Measure a package as the node runs it, every figure with its interval");
  command->add_option("--package", options->package, "folder with package.json")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_option("--data", options->data, training::kDataHelp)->capture_default_str();
  command->add_option("--slices", options->what.slices, "in all, drawn evenly from the phantoms")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--phantom-slices", options->what.phantom_slices, "of each phantom")
      ->capture_default_str();
  command->add_option("--device", options->what.device, "auto, cpu or cuda:N")
      ->capture_default_str();
  AddFolderOptions(*command, options->open.folder, options->open.strict);
  command->add_option("--json", options->json, "also write the figures to this file");
  command->callback([options] {
    auto& what = options->what;
    FolderProgress folder;
    options->open.progress = [&](int done, int of) { folder.Read(done, of); };
    options->open.report = [&](const std::string& text) { folder.Report(text); };
    training::DataOpener opener(options->open);
    const auto data = opener.Open(options->data, training::kTestSeeds, training::DataPart::kTest);
    what.seeds = data.source.seeds;
    models::UseAllCpus();
    const auto package = models::LoadPackage(options->package);
    training::Answers answers;
    {
      ProgressBar bar("evaluate", what.slices);
      const auto progress = [&bar](int done, int) { bar.Update(done); };
      answers =
          data.source.phantom
              ? training::AskPackage(package, what, progress)
              : training::AskPackage(package, *data.studies, {what.slices, what.device}, progress);
    }
    const training::Thresholds thresholds{
        package.detection_score, package.temperature, package.malignant_probability};
    const auto figures = training::Measure(answers, thresholds);
    std::printf("Package %s %s\n%s",
                package.name.c_str(),
                package.version.c_str(),
                training::ToText(figures, answers, thresholds).c_str());
    if (!options->json.empty()) {
      auto json = training::ToJson(figures, answers, thresholds);
      json["package"] = {
          {"name", package.name}, {"version", package.version}, {"digest", package.digest}};
      training::WriteJson(options->json, json);
    }
  });
}

}  // namespace necknode::app
