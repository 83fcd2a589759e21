#include <cstdio>
#include <functional>
#include <memory>
#include <string>

#include "app/commands.h"
#include "app/data_options.h"
#include "app/number_checks.h"
#include "app/progress.h"
#include "models/classifier_registry.h"
#include "models/detector_architectures.h"
#include "models/inference.h"
#include "training/figure_text.h"
#include "training/make_package.h"
#include "training/run_training.h"

namespace necknode::app {
namespace {

/// Options of the run's data and folder that detector and classifier share.
void AddData(CLI::App& command, training::TrainingRequest& request) {
  auto& trainer = request.trainer;
  AddTrainingData(command, request);
  command
      .add_option("--out",
                  trainer.folder,
                  "folder that receives weights, checkpoint, curve.csv, curve.png and record")
      ->required();
  auto* resume = command.add_flag(
      "--resume",
      trainer.resume,
      "go on from the checkpoint in --out, which must be of a run with the same options");
  command
      .add_flag("--overwrite",
                trainer.overwrite,
                "begin anew in a folder that holds the checkpoint of an earlier run")
      ->excludes(resume);
  command
      .add_option(
          "--start-from", request.start_from, "safetensors to begin with, else random weights")
      ->check(CLI::ExistingFile);
}

/// Options of the optimiser and the machine that detector and classifier share.
void AddTrainer(CLI::App& command, training::TrainingRequest& request) {
  auto& trainer = request.trainer;
  command.add_option("--steps", trainer.steps, "updates of the weights, one batch each")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command.add_option("--batch", trainer.batch, "samples a step")
      ->capture_default_str()
      ->check(CLI::Range(1, 4096));
  command.add_option("--rate", trainer.learning_rate, "learning rate after the warm-up")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(1e-9, 100.0));
  command.add_option("--weight-decay", trainer.weight_decay, "L2 penalty of the weights")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--warmup", trainer.warmup_steps, "steps over which the rate rises to --rate")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--schedule",
                  trainer.schedule,
                  "fall of the rate: cosine to 0, or steps by a tenth after 60% and 85%")
      ->capture_default_str()
      ->check(CLI::IsMember({"cosine", "steps"}));
  command
      .add_option("--seed",
                  trainer.seed,
                  "of first weights and of the samples that each loss looks at; the same gives the "
                  "same run")
      ->capture_default_str();
  command.add_option("--device", trainer.device, "cpu or cuda:N")->capture_default_str();
  command.add_flag(
      "!--no-autocast", trainer.autocast, "on CUDA: convolutions in float32 instead of bfloat16");
  command
      .add_option("--threads", request.threads, "of LibTorch; 0: as many as there are processors")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--loader-threads",
                  trainer.loader_threads,
                  "threads that make phantoms and samples ahead; 0: none")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command
      .add_option("--checkpoint-every",
                  trainer.checkpoint_every,
                  "steps between checkpoints: so much is lost at most when killed")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command
      .add_option("--validate-every", trainer.validate_every, "steps between validations; 0: never")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
}

void AddCommon(CLI::App& command, training::TrainingRequest& request) {
  AddData(command, request);
  AddTrainer(command, request);
}

void AddCount(CLI::App& command, const char* name, int& slices, const char* help) {
  command.add_option(name, slices, help)->capture_default_str()->check(CLI::Range(1, 10'000'000));
}

/// Shows loss, rate and validation figures of a run.
class Reporter {
 public:
  Reporter(const std::string& what, std::int64_t steps) : bar_(what, static_cast<int>(steps)) {}

  void operator()(const models::TrainingReport& report) {
    if (!report.validation.empty()) {
      validation_.clear();
      for (const auto& [name, value] : report.validation) {
        validation_ += "  " + name + " " + training::NumberText(value);
      }
    }
    char note[64];
    std::snprintf(note, sizeof note, "loss %.3f  rate %.2g", report.loss, report.learning_rate);
    bar_.StartAt(static_cast<int>(report.first_step));
    bar_.Update(static_cast<int>(report.step), note + validation_);
  }

 private:
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
  AddImageAugmentation(*command, options->request);
  command
      ->add_option("--crop",
                   options->request.data_options.crop,
                   "side of square training images in pixels; 0: the whole body")
      ->capture_default_str()
      ->check(CLI::Range(0, 4096));
  command
      ->add_option("--share-with-nodes",
                   options->request.data_options.share_with_nodes,
                   "share of the training slices that hold a node, 0 to 1")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.0, 1.0));
  command->add_flag("--design-anchors",
                    options->request.design_anchors,
                    "anchor sizes and ratios from the training set's own boxes");
  command
      ->add_option("--architecture",
                   options->config.architecture,
                   "decides anchors, NMS and image scale too")
      ->capture_default_str()
      ->check(CLI::IsMember(models::DetectorNames()));
  command
      ->add_option("--base-width",
                   options->config.base_width,
                   "channels of the first stage; the paper's: 64")
      ->capture_default_str();
  command
      ->add_option("--fpn-channels",
                   options->config.fpn_channels,
                   "channels of the feature pyramid; the paper's: 256")
      ->capture_default_str();
  command
      ->add_option("--head-channels",
                   options->config.head_channels,
                   "channels of the box head; the paper's: 1024")
      ->capture_default_str();
  command->add_option("--channels", options->config.in_channels, "neighbouring slices, odd")
      ->capture_default_str();
  command
      ->add_option("--norm", options->config.norm, "normalisation; batch norm needs large batches")
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
  AddRoiAugmentation(*command, options->request);
  command
      ->add_option("--architecture", options->config.architecture, "see `necknode architectures`")
      ->capture_default_str()
      ->check(CLI::IsMember(models::ClassifierNames()));
  command
      ->add_option("--base-width",
                   options->config.base_width,
                   "channels of the first stage; the paper's: 64")
      ->capture_default_str();
  command->add_option("--channels", options->config.in_channels, "neighbouring slices, odd")
      ->capture_default_str();
  command
      ->add_option("--norm", options->config.norm, "normalisation; batch norm needs large batches")
      ->capture_default_str()
      ->check(CLI::IsMember({"batch", "frozen", "group"}));
  command
      ->add_option(
          "--roi-size", options->config.roi_size, "side of the RoI in pixels; the paper's: 224")
      ->capture_default_str();
  command
      ->add_option("--roi-context", options->config.roi_context, "side of the RoI over the box's")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.5, 10.0));
  command
      ->add_option("--label-smoothing",
                   options->smoothing,
                   "moves the wanted answers from 0 and 1 towards a half, 0 to 1")
      ->capture_default_str()
      ->check(IsFinite)
      ->check(CLI::Range(0.0, 1.0));
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
  command->add_option("--name", request.name, "of the package: its folder under --out")
      ->capture_default_str();
  command->add_option("--version", request.version, "of the package: the folder below")
      ->capture_default_str();
  command->add_option("--out", request.out, "folder of packages")->capture_default_str();
  command->add_option("--data", request.data, training::kDataHelp)->capture_default_str();
  command->add_option("--validation",
                      request.validation_data,
                      "data that choose the thresholds; by itself the validation part of --data");
  AddCount(*command, "--validation-slices", request.validation.slices, "slices that choose them");
  command->add_option("--test",
                      request.test_data,
                      "data that the figures are measured on; by itself the test part of --data");
  AddCount(*command, "--test-slices", request.test.slices, "slices that are measured");
  command->add_option("--device", request.test.device, "auto, cpu or cuda:N")
      ->capture_default_str();
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
