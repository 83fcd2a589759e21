#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "app/commands.h"
#include "app/progress.h"
#include "models/inference.h"
#include "training/evaluation.h"
#include "training/run_training.h"
#include "training/training_record.h"

namespace necknode::app {

void AddEvaluate(CLI::App& cli) {
  struct Options {
    std::filesystem::path package, json;
    std::string data = "phantom";
    training::EvaluationData what;
  };
  auto options = std::make_shared<Options>();
  auto* command = cli.add_subcommand(
      "evaluate",
      "Measure a package on phantoms as the node runs it, every figure with its interval");
  command->add_option("--package", options->package, "folder with package.json")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_option("--data", options->data, "phantom, or 'phantom:seeds A-B'")
      ->capture_default_str();
  command->add_option("--slices", options->what.slices, "in all, drawn evenly from the phantoms")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--phantom-slices", options->what.phantom_slices, "of each phantom")
      ->capture_default_str();
  command->add_option("--device", options->what.device, "auto, cpu or cuda:N")
      ->capture_default_str();
  command->add_option("--json", options->json, "also write the figures to this file");
  command->callback([options] {
    auto& what = options->what;
    what.seeds = training::ParsePhantomData(options->data, training::kTestSeeds);
    models::UseAllCpus();
    const auto package = models::LoadPackage(options->package);
    training::Answers answers;
    {
      ProgressBar bar("evaluate", what.slices);
      answers = training::AskPackage(package, what, [&bar](int done, int) { bar.Update(done); });
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
