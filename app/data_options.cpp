#include "app/data_options.h"

#include <cstdio>
#include <memory>
#include <string>

#include "app/number_checks.h"

namespace necknode::app {
namespace {

void AddAugmentation(CLI::App& command, training::TrainingRequest& request) {
  auto& augmentation = request.data_options.augmentation;
  command
      .add_option("--augmentation-factor",
                  request.augmentation_factor,
                  "draws of each image of a folder an epoch, each augmented anew")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command.add_flag("!--no-augmentation",
                   request.data_options.augment,
                   "samples as they are, none of the following");
  command.add_option("--mirror-chance", augmentation.mirror, "left to right")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--brightness", augmentation.brightness, "largest shift, of the window's half")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--contrast", augmentation.contrast, "largest relative change")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--noise",
                  augmentation.noise,
                  "largest standard deviation of Gaussian noise, of the window's half")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.0, 1.0));
}

}  // namespace

void AddFolderOptions(CLI::App& command, training::FolderOptions& folder, bool& strict) {
  command
      .add_option_function<std::string>(
          "--split",
          [&folder](const std::string& text) {
            folder.split = training::ParseSplit(text, folder.split.seed);
          },
          "shares of a folder's patients, train/validation/test, unless the annotations list them")
      ->default_str(training::ToString(folder.split));
  command.add_option("--split-seed", folder.split.seed, "another seed is another split")
      ->capture_default_str();
  command.add_flag("--strict", strict, "stop with exit code 2 where an entry cannot be used");
  command
      .add_option("--studies-in-memory",
                  folder.studies_in_memory,
                  "volumes of a folder that are kept, some 50 MB each")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
}

void AddImageAugmentation(CLI::App& command, training::TrainingRequest& request) {
  auto& augmentation = request.data_options.augmentation;
  command
      .add_option(
          "--rotation-chance", augmentation.geometric, "of an image to be turned and scaled")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--max-rotation", augmentation.max_rotation_degrees, "degrees to either side")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.0, 180.0));
  command.add_option("--min-scale", augmentation.min_scale, "smallest size, over the true one")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.3, 1.0));
  command.add_option("--max-scale", augmentation.max_scale, "largest size, over the true one")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(1.0, 3.0));
}

void AddRoiAugmentation(CLI::App& command, training::TrainingRequest& request) {
  auto& data = request.data_options;
  command.add_flag("!--no-quarter-turns", data.quarter_turns, "RoIs upright only");
  command.add_option("--jitter", data.jitter, "of a RoI's position, over its box's sides")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--min-size", data.min_size, "smallest side of a RoI's box, over the true one")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.1, 1.0));
  command.add_option("--max-size", data.max_size, "largest side of a RoI's box, over the true one")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(1.0, 10.0));
}

void AddTrainingData(CLI::App& command, training::TrainingRequest& request) {
  auto& data = request.data_options;
  command.add_option("--data", request.data, training::kDataHelp)->capture_default_str();
  command.add_option("--validation",
                     request.validation,
                     "the same, other patients; by itself the validation part of --data");
  command
      .add_option("--validation-samples",
                  request.validation_samples,
                  "slices or RoIs that each validation asks about; 0: no validation")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  AddFolderOptions(command, request.folder, request.strict);
  command.add_option("--slices", data.slices, "slices of each phantom, 40 to 200")
      ->capture_default_str();
  command
      .add_option("--phantoms-in-memory",
                  data.phantoms_in_memory,
                  "phantoms that samples are drawn from at a time, 42 MB each")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command
      .add_option("--samples-per-phantom",
                  data.samples_per_phantom,
                  "samples after which the oldest phantom in memory makes way for a new one")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  AddAugmentation(command, request);
  auto shown = std::make_shared<FolderProgress>();
  request.reading = [shown](int done, int of) { shown->Read(done, of); };
  request.report = [shown](const std::string& text) { shown->Report(text); };
}

void FolderProgress::Read(int done, int of) {
  if (!bar_) {
    bar_ = std::make_unique<ProgressBar>("read studies", of);
  }
  bar_->Update(done);
  if (done >= of) {
    bar_.reset();
  }
}

void FolderProgress::Report(const std::string& text) {
  bar_.reset();
  std::fputs(text.c_str(), stderr);
}

}  // namespace necknode::app
