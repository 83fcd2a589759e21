#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/data_options.h"
#include "core/error.h"
#include "training/box_shapes.h"
#include "training/histogram_plot.h"
#include "training/opened_data.h"
#include "training/training_record.h"

namespace necknode::app {
namespace {

namespace fs = std::filesystem;

void AddCheck(CLI::App& dataset) {
  struct Options {
    std::string data;
    training::FolderOptions folder;
    bool strict = false;
    fs::path json;
  };
  auto options = std::make_shared<Options>();
  auto* command = dataset.add_subcommand(
      "check", "Read a folder of DICOM with its annotations and list what cannot be used");
  command->add_option("data", options->data, "DIR or DIR:annotations.json")->required();
  AddFolderOptions(*command, options->folder, options->strict);
  command->add_option("--json", options->json, "also write everything to this file");
  command->callback([options] {
    const auto source = training::ParseData(options->data, {}, training::DataPart::kAll);
    if (source.phantom) {
      throw Error(ErrorCode::kInvalidArgument, "phantoms need no check: give a folder of DICOM");
    }
    FolderProgress progress;
    const auto folder = training::FolderData::Open(
        source, options->folder, [&](int done, int of) { progress.Read(done, of); });
    std::fputs(training::ReportOf(*folder, folder->problems().size()).c_str(), stdout);
    if (!options->json.empty()) {
      training::WriteJson(options->json, training::ReportAsJson(*folder));
    }
    training::RequireUsable(*folder, options->strict);
  });
}

void AddAnalyse(CLI::App& dataset) {
  struct Options {
    std::string data = "phantom:seeds 1-40";
    training::OpenOptions open;
    fs::path json, plot;
  };
  auto options = std::make_shared<Options>();
  auto* command = dataset.add_subcommand(
      "analyse", "Sizes and shapes of the lymph nodes' boxes by class: percentiles and histograms");
  command->add_option("--data", options->data, training::kDataHelp)->capture_default_str();
  AddFolderOptions(*command, options->open.folder, options->open.strict);
  command->add_option("--slices", options->open.phantom_slices, "of each phantom")
      ->capture_default_str();
  command->add_option("--json", options->json, "also write the figures to this file");
  command->add_option("--plot", options->plot, "also draw the histograms, a PNG");
  command->callback([options] {
    FolderProgress progress;
    options->open.progress = [&](int done, int of) { progress.Read(done, of); };
    options->open.report = [&](const std::string& text) { progress.Report(text); };
    training::DataOpener opener(options->open);
    const auto data = opener.Open(options->data, {1, 40}, training::DataPart::kAll);
    std::vector<training::BoxShape> shapes;
    {
      ProgressBar bar("analyse", static_cast<int>(data.studies->Count()));
      shapes = training::ShapesOf(*data.studies, [&](int done, int) { bar.Update(done); });
    }
    std::printf(
        "%s\n%s", data.studies->Description().c_str(), training::ShapesAsText(shapes).c_str());
    if (!options->json.empty()) {
      nlohmann::ordered_json document = {{"data", data.studies->Description()}};
      document.update(training::ShapesAsJson(shapes));
      training::WriteJson(options->json, document);
    }
    if (!options->plot.empty()) {
      training::PlotShapes(shapes, data.studies->Description(), options->plot);
    }
  });
}

}  // namespace

void AddDataset(CLI::App& cli) {
  auto* dataset = cli.add_subcommand("dataset", "Check and analyse annotated images");
  dataset->require_subcommand(1);
  AddCheck(*dataset);
  AddAnalyse(*dataset);
}

}  // namespace necknode::app
