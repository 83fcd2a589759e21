#include "training/run_training.h"

#include <memory>
#include <string>
#include <utility>

#include "core/error.h"
#include "models/checkpoint.h"
#include "models/classifier_trainer.h"
#include "models/compute.h"
#include "models/detector_trainer.h"
#include "models/inference.h"
#include "models/safetensors.h"
#include "training/phantom_dataset.h"
#include "training/training_course.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

/// The request with the seeds of its data filled in, and the options of its validation data.
struct Plan {
  TrainingRequest request;
  PhantomDataOptions validation;
};

Plan PlanOf(const TrainingRequest& request, const nlohmann::ordered_json& network) {
  if (request.threads > 0) {
    at::set_num_threads(request.threads);
  } else {
    models::UseAllCpus();
  }
  Plan plan{request, request.data_options};
  plan.request.data_options.seeds = ParsePhantomData(request.data, kTrainingSeeds);
  plan.validation.seeds = ParsePhantomData(request.validation, kValidationSeeds);
  const SeedRange& training = plan.request.data_options.seeds;
  if (training.first <= plan.validation.seeds.last &&
      plan.validation.seeds.first <= training.last) {
    throw Error(ErrorCode::kInvalidArgument,
                "seeds of training (" + training.ToString() + ") and validation (" +
                    plan.validation.seeds.ToString() + ") overlap");
  }
  // Before any data are made: a mistyped folder is known at once.
  models::PrepareFolder(request.trainer);
  plan.validation.augment = false;
  plan.validation.crop = 0;
  plan.validation.phantoms_in_memory = static_cast<int>(plan.validation.seeds.Count());
  // "auto" is resolved for the record.
  plan.request.trainer.device = models::SelectDevice(request.trainer.device).str();
  const auto record = RecordOf(plan.request, {});
  plan.request.trainer.course = CourseOf(
      {{"network", network}, {"data", record["data"]}, {"augmentation", record["augmentation"]}});
  return plan;
}

void Finish(const Plan& plan,
            const torch::nn::Module& network,
            nlohmann::ordered_json architecture,
            const char* name,
            const models::TrainingReport& last) {
  const auto& folder = plan.request.trainer.folder;
  models::SaveModule(network, folder / (std::string(name) + ".safetensors"));
  WriteJson(folder / (std::string(name) + ".json"),
            {{"network", std::move(architecture)},
             {"preprocessing", ToJson(plan.request.data_options.preprocessing)},
             {"training", RecordOf(plan.request, CompletedFromCurve(last, folder))}});
}

}  // namespace

models::DetectorConfig SmallDetector() {
  models::DetectorConfig config;
  config.in_channels = 3;
  config.base_width = 16;
  config.fpn_channels = 64;
  config.head_channels = 256;
  config.norm = "group";
  return config;
}

models::ClassifierConfig SmallClassifier() {
  models::ClassifierConfig config;
  config.in_channels = 3;
  config.base_width = 8;
  // Batches of RoIs are large enough for batch norm, which learns much faster here than group norm.
  config.norm = "batch";
  config.roi_size = 64;
  return config;
}

void RunDetectorTraining(const TrainingRequest& request,
                         const models::DetectorConfig& config,
                         const TrainingProgress& progress) {
  const Plan plan = PlanOf(request, ToJson(config));
  torch::manual_seed(request.trainer.seed);
  models::FasterRcnn network(config);
  if (!request.start_from.empty()) {
    models::LoadModule(*network, request.start_from);
  }
  const auto& options = plan.request.data_options;
  PhantomDetectorData training(options, config.in_channels, PoolFor(options));
  PhantomDetectorData validation(plan.validation, config.in_channels, PoolFor(plan.validation));
  const auto last = models::TrainDetector(network,
                                          training,
                                          validation,
                                          request.validation_samples,
                                          plan.request.trainer,
                                          {},
                                          WithPicture(plan.request.trainer, progress));
  Finish(plan, *network, ToJson(config), "detector", last);
}

void RunClassifierTraining(const TrainingRequest& request,
                           const models::ClassifierConfig& config,
                           double smoothing,
                           const TrainingProgress& progress) {
  auto decides = ToJson(config);
  decides["label_smoothing"] = smoothing;
  const Plan plan = PlanOf(request, decides);
  torch::manual_seed(request.trainer.seed);
  models::WideResNet network(config);
  if (!request.start_from.empty()) {
    models::LoadModule(*network, request.start_from);
  }
  const auto& options = plan.request.data_options;
  PhantomClassifierData training(options, config, PoolFor(options));
  PhantomClassifierData validation(plan.validation, config, PoolFor(plan.validation));
  const auto last = models::TrainClassifier(network,
                                            training,
                                            validation,
                                            request.validation_samples,
                                            plan.request.trainer,
                                            smoothing,
                                            WithPicture(plan.request.trainer, progress));
  Finish(plan, *network, ToJson(config), "classifier", last);
}

}  // namespace necknode::training
