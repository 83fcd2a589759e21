#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/data_options.h"
#include "app/progress.h"
#include "models/inference.h"
#include "training/ancestry.h"
#include "training/evaluation_report.h"
#include "training/network_evaluation.h"
#include "training/opened_data.h"
#include "training/run_training.h"
#include "training/training_record.h"

namespace necknode::app {
namespace {

/// Data of an evaluation and of what is chosen beforehand.
struct DataTexts {
  std::string test = "phantom", chosen_on;
  int phantom_slices = 80;
  training::FolderOptions folder;
  bool strict = false;
};

training::DataOpener OpenerFor(const DataTexts& data) {
  training::OpenOptions options;
  options.folder = data.folder;
  options.strict = data.strict;
  options.phantom_slices = data.phantom_slices;
  const auto shown = std::make_shared<FolderProgress>();
  options.progress = [shown](int done, int of) { shown->Read(done, of); };
  options.report = [shown](const std::string& text) { shown->Report(text); };
  return training::DataOpener(std::move(options));
}

void AddDataOptions(CLI::App& command, DataTexts& data) {
  command.add_option("--data", data.test, std::string("to measure on: ") + training::kDataHelp)
      ->capture_default_str();
  command.add_option("--phantom-slices", data.phantom_slices, "slices of each phantom, 40 to 200")
      ->capture_default_str();
  AddFolderOptions(command, data.folder, data.strict);
}

/// Answers of a package with a bar of its own.
training::Answers Ask(const char* what,
                      const models::Package& package,
                      const training::OpenedData& data,
                      training::EvaluationOptions options) {
  options.seed = data.source.phantom ? data.source.seeds.first : 0;
  std::unique_ptr<ProgressBar> bar;
  return training::AskPackage(package, *data.studies, options, [&](int done, int of) {
    if (!bar) {
      bar = std::make_unique<ProgressBar>(what, of);
    }
    bar->Update(done);
  });
}

struct PackageOptions {
  std::filesystem::path package, out, readers;
  DataTexts data;
  training::EvaluationOptions what;
};

/// Refuses data that either network has seen, before they are asked about.
void RequireUnseenByPackage(const models::Package& package, const training::OpenedData& test) {
  const auto record = nlohmann::ordered_json::parse(package.training_json);
  for (const char* network : {"detector", "classifier"}) {
    training::RequireUnseen(record.value(network, nlohmann::ordered_json::object()),
                            test,
                            std::string("the package's ") + network);
  }
}

void EvaluatePackage(const PackageOptions& options) {
  models::UseAllCpus();
  const auto package = models::LoadPackage(options.package);
  // What can be refused is refused before hours of work.
  if (!options.out.empty()) {
    training::RequireWritable(options.out);
  }
  std::optional<training::ReaderFile> readers;
  if (!options.readers.empty()) {
    readers = training::ReadReaders(options.readers);
  }
  auto opener = OpenerFor(options.data);
  const auto test = opener.Open(options.data.test, training::kTestSeeds, training::DataPart::kTest);
  RequireUnseenByPackage(package, test);
  std::optional<training::Answers> chosen_on;
  if (!options.data.chosen_on.empty()) {
    const auto opened = opener.Open(
        options.data.chosen_on, training::kValidationSeeds, training::DataPart::kValidation);
    training::RequireApart(test.Patients(), "--data", opened.Patients(), "--choose-on");
    chosen_on = Ask("choose", package, opened, options.what);
  }
  auto answers = Ask("evaluate", package, test, options.what);
  const auto report = training::MakeReport(package,
                                           std::move(answers),
                                           chosen_on ? &*chosen_on : nullptr,
                                           readers ? &*readers : nullptr);
  std::printf("%s", training::ToText(report).c_str());
  if (!options.out.empty()) {
    training::WriteReport(report, options.out);
    std::printf("%s\n", (options.out / "report.md").c_str());
  }
}

struct NetworkOptions {
  std::vector<std::filesystem::path> folders;
  DataTexts data;
  training::NetworkEvaluation what;
};

void AddNetworkOptions(CLI::App& command, NetworkOptions& options) {
  AddDataOptions(command, options.data);
  command.add_option("--validation",
                     options.data.chosen_on,
                     "to choose the threshold on: the same forms, other patients; by itself the "
                     "validation part of --data, or phantoms");
  command.add_option("--device", options.what.device, "auto, cpu or cuda:N")->capture_default_str();
}

/// Opens the data and hands them on with a bar for `of` samples.
template <typename Measure>
void MeasureNetworks(NetworkOptions& options, const char* network, int of, Measure measure) {
  models::UseAllCpus();
  auto opener = OpenerFor(options.data);
  const auto test = opener.Open(options.data.test, training::kTestSeeds, training::DataPart::kTest);
  auto chosen_on = options.data.chosen_on;
  if (chosen_on.empty()) {
    chosen_on = test.source.phantom ? "phantom" : options.data.test;
  }
  const auto validation =
      opener.Open(chosen_on, training::kValidationSeeds, training::DataPart::kValidation);
  training::RequireApart(test.Patients(), "--data", validation.Patients(), "--validation");
  for (const auto& folder : options.folders) {
    const auto weights = folder / (std::string(network) + ".safetensors");
    const auto record = training::ReadJson(folder / (std::string(network) + ".json"));
    const auto seen =
        training::SeenBy(weights, record.value("training", nlohmann::ordered_json::object()));
    training::RequireApart(test.Patients(), "--data", seen.training, "training");
    training::RequireApart(validation.Patients(), "--validation", seen.training, "training");
  }
  ProgressBar bar(std::string("evaluate ") + network, of);
  options.what.progress = [&bar](int done, int) { bar.Update(done); };
  measure(*test.studies, *validation.studies);
}

void WriteResult(const std::filesystem::path& folder, const nlohmann::ordered_json& result) {
  const auto path = folder / "evaluation.json";
  training::WriteJson(path, result);
  std::printf("%s\n", path.c_str());
}

void AddDetector(CLI::App& evaluate) {
  auto options = std::make_shared<NetworkOptions>();
  auto* command = evaluate.add_subcommand(
      "detector", "Measure a detector alone; writes evaluation.json into its folder");
  command
      ->add_option("--weights", options->folders, "folder of detector.safetensors and its record")
      ->required()
      ->expected(1)
      ->check(CLI::ExistingDirectory);
  AddNetworkOptions(*command, *options);
  command->add_option("--slices", options->what.slices, "in all, drawn evenly from the studies")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--validation-slices",
                   options->what.validation_slices,
                   "slices that choose the score of the operating point")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->callback([options] {
    MeasureNetworks(*options, "detector", options->what.slices, [&](auto& test, auto& validation) {
      const auto& folder = options->folders.front();
      WriteResult(folder, training::EvaluateDetector(folder, test, validation, options->what));
    });
  });
}

void AddClassifier(CLI::App& evaluate) {
  auto options = std::make_shared<NetworkOptions>();
  auto* command = evaluate.add_subcommand(
      "classifier",
      "Measure classifiers alone, all on the same RoIs; writes evaluation.json into each folder");
  command
      ->add_option("--weights",
                   options->folders,
                   "folders of classifier.safetensors and its record, one or more")
      ->required()
      ->check(CLI::ExistingDirectory);
  AddNetworkOptions(*command, *options);
  command->add_option("--rois", options->what.rois, "in all, drawn evenly from the studies")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--validation-rois",
                   options->what.validation_rois,
                   "RoIs that choose temperature and threshold")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->callback([options] {
    MeasureNetworks(*options, "classifier", options->what.rois, [&](auto& test, auto& validation) {
      const auto results =
          training::EvaluateClassifiers(options->folders, test, validation, options->what);
      for (std::size_t i = 0; i < results.size(); ++i) {
        WriteResult(options->folders[i], results[i]);
      }
    });
  });
}

}  // namespace

void AddEvaluate(CLI::App& cli) {
  auto options = std::make_shared<PackageOptions>();
  auto* command = cli.add_subcommand(
      "evaluate",
      "Measure a package as the node runs it, or one network, every figure with its interval");
  command->add_option("--package", options->package, "folder with package.json")
      ->check(CLI::ExistingDirectory);
  AddDataOptions(*command, options->data);
  command->add_option("--slices", options->what.slices, "in all, drawn evenly from the studies")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_flag("--whole-studies",
                    options->what.whole_studies,
                    "every labelled slice instead: false positives and nodes per study");
  command->add_option("--choose-on",
                      options->data.chosen_on,
                      "data that other thresholds are chosen on; else the measured data, which "
                      "flatters them");
  command
      ->add_option("--readers",
                   options->readers,
                   "CSV of patient,node,reader,call[,score]: readers to compare with")
      ->check(CLI::ExistingFile);
  command->add_option(
      "--out", options->out, "folder that receives report.json, report.md and three plots");
  command->add_option("--device", options->what.device, "auto, cpu or cuda:N")
      ->capture_default_str();
  AddDetector(*command);
  AddClassifier(*command);
  command->callback([options, command] {
    if (!command->get_subcommands().empty()) {
      return;
    }
    if (options->package.empty()) {
      throw CLI::RequiredError("--package, or detector or classifier,");
    }
    EvaluatePackage(*options);
  });
}

}  // namespace necknode::app
