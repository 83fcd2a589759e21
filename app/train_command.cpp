#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "app/commands.h"
#include "app/data_options.h"
#include "app/progress.h"
#include "models/classifier_registry.h"
#include "models/detector_architectures.h"
#include "models/inference.h"
#include "training/make_package.h"
#include "training/run_training.h"

namespace necknode::app {
namespace {

/// Options that detector and classifier share.
void AddCommon(CLI::App& command, training::TrainingRequest& request) {
  auto& trainer = request.trainer;
  AddTrainingData(command, request);
  command.add_option("--out", trainer.folder, "folder of weights, checkpoint, curve and record")
      ->required();
  command.add_option("--steps", trainer.steps)->capture_default_str()->check(CLI::PositiveNumber);
  command.add_option("--batch", trainer.batch)->capture_default_str()->check(CLI::PositiveNumber);
  command.add_option("--rate", trainer.learning_rate, "learning rate")->capture_default_str();
  command.add_option("--weight-decay", trainer.weight_decay)->capture_default_str();
  command.add_option("--warmup", trainer.warmup_steps, "steps of rising rate")
      ->capture_default_str();
  command.add_option("--schedule", trainer.schedule)
      ->capture_default_str()
      ->check(CLI::IsMember({"cosine", "steps"}));
  command.add_option("--seed", trainer.seed, "of first weights and sampling")
      ->capture_default_str();
  command.add_option("--device", trainer.device, "cpu or cuda:N")->capture_default_str();
  command
      .add_option("--threads", request.threads, "of LibTorch; 0: as many as there are processors")
      ->capture_default_str();
  command.add_option("--loader-threads", trainer.loader_threads, "that make phantoms and samples")
      ->capture_default_str();
  command.add_option("--checkpoint-every", trainer.checkpoint_every, "steps")
      ->capture_default_str();
  command.add_option("--validate-every", trainer.validate_every, "steps, 0: never")
      ->capture_default_str();
  command.add_flag("--resume", trainer.resume, "go on from the checkpoint in --out");
  command.add_option("--start-from", request.start_from, "weights to begin with")
      ->check(CLI::ExistingFile);
}

/// Shows loss, validation figures and rate of a run.
class Reporter {
 public:
  Reporter(const std::string& what, std::int64_t steps) : bar_(what, static_cast<int>(steps)) {}

  void operator()(const models::TrainingReport& report) {
    std::string note = "loss " + Short(report.loss);
    for (const auto& [name, value] : report.validation) {
      validation_ = (name == report.validation.front().first ? "" : validation_) + ", " + name +
                    " " + Short(value);
    }
    bar_.Update(static_cast<int>(report.step), note + validation_);
  }

 private:
  static std::string Short(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", value);
    return text;
  }

  ProgressBar bar_;
  std::string validation_;
};

void AddDetector(CLI::App& train) {
  struct Options {
    training::TrainingRequest request;
    models::DetectorConfig config = training::SmallDetector();
  };
  auto options = std::make_shared<Options>();
  auto* command = train.add_subcommand("detector", "Train the network that finds lymph nodes");
  AddCommon(*command, options->request);
  command
      ->add_option("--crop",
                   options->request.data_options.crop,
                   "side of square training images in pixels; 0: the whole body")
      ->capture_default_str();
  command
      ->add_option("--share-with-nodes",
                   options->request.data_options.share_with_nodes,
                   "of the training slices")
      ->capture_default_str();
  command->add_flag("--design-anchors",
                    options->request.design_anchors,
                    "anchor sizes and ratios from the training set's own boxes");
  command
      ->add_option("--architecture",
                   options->config.architecture,
                   "decides anchors, NMS and image scale too")
      ->capture_default_str()
      ->check(CLI::IsMember(models::DetectorNames()));
  command->add_option("--base-width", options->config.base_width, "64: as published")
      ->capture_default_str();
  command->add_option("--fpn-channels", options->config.fpn_channels)->capture_default_str();
  command->add_option("--head-channels", options->config.head_channels)->capture_default_str();
  command->add_option("--channels", options->config.in_channels, "neighbouring slices, odd")
      ->capture_default_str();
  command->add_option("--norm", options->config.norm)
      ->capture_default_str()
      ->check(CLI::IsMember({"batch", "frozen", "group"}));
  command->callback([options] {
    const auto& chosen = options->config;
    models::DetectorConfig config = training::SmallDetector(chosen.architecture);
    config.base_width = chosen.base_width;
    config.fpn_channels = chosen.fpn_channels;
    config.head_channels = chosen.head_channels;
    config.in_channels = chosen.in_channels;
    config.norm = chosen.norm;
    Reporter report("train detector", options->request.trainer.steps);
    training::RunDetectorTraining(options->request, config, std::ref(report));
  });
}

void AddClassifier(CLI::App& train) {
  struct Options {
    training::TrainingRequest request;
    models::ClassifierConfig config = training::SmallClassifier();
    double smoothing = 0.05;
  };
  auto options = std::make_shared<Options>();
  options->request.trainer.batch = 24;
  options->request.trainer.learning_rate = 0.05;
  options->request.trainer.steps = 3000;
  options->request.validation_samples = 400;
  auto* command = train.add_subcommand("classifier", "Train the network that judges lymph nodes");
  AddCommon(*command, options->request);
  command
      ->add_option("--architecture", options->config.architecture, "see `necknode architectures`")
      ->capture_default_str()
      ->check(CLI::IsMember(models::ClassifierNames()));
  command->add_option("--base-width", options->config.base_width, "64: as published")
      ->capture_default_str();
  command->add_option("--channels", options->config.in_channels, "neighbouring slices, odd")
      ->capture_default_str();
  command->add_option("--norm", options->config.norm)
      ->capture_default_str()
      ->check(CLI::IsMember({"batch", "frozen", "group"}));
  command->add_option("--roi-size", options->config.roi_size, "pixels")->capture_default_str();
  command
      ->add_option("--roi-context", options->config.roi_context, "side of the RoI over the box's")
      ->capture_default_str();
  command->add_option("--label-smoothing", options->smoothing)->capture_default_str();
  command->callback([options] {
    models::SetArchitecture(options->config, options->config.architecture);
    Reporter report("train classifier", options->request.trainer.steps);
    training::RunClassifierTraining(
        options->request, options->config, options->smoothing, std::ref(report));
  });
}

void AddPackage(CLI::App& train) {
  struct Options {
    training::PackageRequest request;
  };
  auto options = std::make_shared<Options>();
  auto& request = options->request;
  request.validation.slices = 200;
  auto* command = train.add_subcommand(
      "package", "Make a package of two trained networks: thresholds, float16 weights, figures");
  command->add_option("--detector", request.detector, "detector.safetensors")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--classifier", request.classifier, "classifier.safetensors")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--name", request.name)->capture_default_str();
  command->add_option("--version", request.version)->capture_default_str();
  command->add_option("--out", request.out, "folder of packages")->capture_default_str();
  command->add_option("--data", request.data, training::kDataHelp)->capture_default_str();
  command->add_option("--validation",
                      request.validation_data,
                      "data that choose the thresholds; by itself the validation part of --data");
  command->add_option("--validation-slices", request.validation.slices)->capture_default_str();
  command->add_option("--test",
                      request.test_data,
                      "data that the figures are measured on; by itself the test part of --data");
  command->add_option("--test-slices", request.test.slices)->capture_default_str();
  command->add_option("--device", request.test.device)->capture_default_str();
  AddFolderOptions(*command, request.open.folder, request.open.strict);
  command->callback([options] {
    auto& wanted = options->request;
    models::UseAllCpus();
    wanted.validation.seeds = training::kValidationSeeds;
    wanted.test.seeds = training::kTestSeeds;
    wanted.validation.device = wanted.test.device;
    FolderProgress folder;
    wanted.open.progress = [&](int done, int of) { folder.Read(done, of); };
    wanted.open.report = [&](const std::string& text) { folder.Report(text); };
    std::unique_ptr<ProgressBar> bar;
    std::string shown;
    const auto package =
        training::MakePackage(wanted, [&](const std::string& stage, int done, int of) {
          if (stage != shown) {
            bar.reset();
            bar = std::make_unique<ProgressBar>(stage, of);
            shown = stage;
          }
          bar->Update(done);
        });
    bar.reset();
    std::printf("%s\n", package.folder.c_str());
  });
}

}  // namespace

void AddTrain(CLI::App& cli) {
  auto* train = cli.add_subcommand("train", "Train the networks, make a package of them");
  train->require_subcommand(1);
  AddDetector(*train);
  AddClassifier(*train);
  AddPackage(*train);
}

}  // namespace necknode::app
