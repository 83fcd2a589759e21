#include "training/run_training.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/error.h"
#include "models/checkpoint.h"
#include "models/classifier_trainer.h"
#include "models/config_json.h"
#include "models/detector_architectures.h"
#include "models/detector_trainer.h"
#include "models/inference.h"
#include "models/safetensors.h"
#include "training/ancestry.h"
#include "training/anchor_design.h"
#include "training/histogram_plot.h"
#include "training/patient_set.h"
#include "training/phantom_studies.h"
#include "training/training_course.h"
#include "training/training_record.h"
#include "training/training_sets.h"

namespace necknode::training {
namespace {

/// Of phantoms so many are looked at to design anchors.
constexpr std::uint64_t kPhantomsForAnchors = 40;
/// Of P2..P6.
const std::vector<std::int64_t> kStrides = {4, 8, 16, 32, 64};

void UseThreads(int threads) {
  if (threads > 0) {
    at::set_num_threads(threads);
  } else {
    models::UseAllCpus();
  }
}

/// Anchors from the boxes of the training data, written beside the weights; what the record says.
nlohmann::ordered_json DesignAnchorsFor(const TrainingRequest& request,
                                        const TrainingSets& sets,
                                        models::DetectorConfig& config) {
  const auto& architecture = models::FindDetector(config.architecture);
  if (architecture.family != models::DetectorFamily::kFasterRcnn || !architecture.pyramid) {
    throw Error(ErrorCode::kInvalidArgument,
                "anchors are designed for a pyramid's levels: not for " + config.architecture);
  }
  std::shared_ptr<LabelledStudies> studies = sets.training().studies;
  if (sets.training().source.phantom) {
    SeedRange seeds = sets.training().source.seeds;
    seeds.last = std::min(seeds.last, seeds.first + kPhantomsForAnchors - 1);
    phantom::PhantomOptions base;
    base.slices = request.data_options.slices;
    studies = std::make_shared<PhantomStudies>(seeds, base);
  }
  const auto boxes = SizesAt(ShapesOf(*studies, request.reading),
                             request.data_options.preprocessing.pixel_spacing_mm);
  const AnchorSet given{config.anchor_sizes, config.anchor_ratios};
  const AnchorSet designed = DesignAnchors(boxes, kStrides);
  auto record = AnchorsAsJson(designed, given, boxes, kStrides);
  record["from"] = studies->Description();
  const auto& folder = request.trainer.folder;
  WriteJson(folder / "anchors.json", record);
  PlotAnchors(boxes, designed, given, folder / "anchors.png");
  config.anchor_sizes = designed.sizes;
  config.anchor_ratios = designed.ratios;
  return record;
}

/// The trainer's options with what a resumed run must share with its checkpoint.
models::TrainerOptions TrainerOf(const TrainingRequest& request,
                                 const nlohmann::ordered_json& network,
                                 const nlohmann::ordered_json& data) {
  const auto record = RecordOf(request, data, {}, {});
  models::TrainerOptions options = request.trainer;
  options.course = CourseOf(
      {{"network", network}, {"data", record["data"]}, {"augmentation", record["augmentation"]}});
  return options;
}

/// What a run starts from, which must not have been trained on what validates it.
Ancestor AncestorFor(const TrainingRequest& request,
                     const TrainingSets& sets,
                     const char* network) {
  Ancestor ancestor = AncestorOf(request.start_from, network);
  RequireApart(
      sets.Seen().validation, "validation", ancestor.seen.training, "training of --start-from");
  return ancestor;
}

void Finish(const TrainingRequest& request,
            const TrainingSets& sets,
            const Ancestor& ancestor,
            nlohmann::ordered_json data,
            const torch::nn::Module& network,
            nlohmann::ordered_json architecture,
            const char* name,
            const models::TrainingReport& last) {
  const auto& folder = request.trainer.folder;
  const auto weights = folder / (std::string(name) + ".safetensors");
  models::SaveModule(network, weights);
  SeenPatients seen = sets.Seen();
  seen.Add(ancestor.seen);
  WriteSeenPatients(weights, seen);
  WriteJson(
      folder / (std::string(name) + ".json"),
      {{"network", std::move(architecture)},
       {"preprocessing", ToJson(request.data_options.preprocessing)},
       {"training",
        RecordOf(request, std::move(data), ancestor.record, CompletedFromCurve(last, folder))}});
}

}  // namespace

models::DetectorConfig SmallDetector(const std::string& architecture) {
  models::DetectorConfig config = models::FindDetector(architecture).published;
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
                         const models::DetectorConfig& wanted,
                         const TrainingProgress& progress) {
  // Before any data are opened: a mistyped folder is known at once.
  models::PrepareFolder(request.trainer);
  UseThreads(request.threads);
  const TrainingSets sets(request);
  const Ancestor ancestor = AncestorFor(request, sets, "detector");
  models::DetectorConfig config = wanted;
  auto data = sets.Record();
  if (request.design_anchors) {
    std::filesystem::create_directories(request.trainer.folder);
    data["anchors"] = DesignAnchorsFor(request, sets, config);
  }
  torch::manual_seed(request.trainer.seed);
  const auto network = models::MakeDetector(config);
  if (!request.start_from.empty()) {
    models::LoadModule(*network, request.start_from);
  }
  const auto pair = sets.ForDetector(config.in_channels);
  const auto trainer = TrainerOf(request, ToJson(config), data);
  const auto last = models::TrainDetector(*network,
                                          *pair.training,
                                          *pair.validation,
                                          pair.validation_samples,
                                          trainer,
                                          WithPicture(trainer, progress));
  Finish(request, sets, ancestor, std::move(data), *network, ToJson(config), "detector", last);
}

void RunClassifierTraining(const TrainingRequest& wanted,
                           const models::ClassifierConfig& config,
                           double smoothing,
                           const TrainingProgress& progress) {
  TrainingRequest request = wanted;
  request.smoothing = smoothing;
  models::PrepareFolder(request.trainer);
  UseThreads(request.threads);
  const TrainingSets sets(request);
  const Ancestor ancestor = AncestorFor(request, sets, "classifier");
  torch::manual_seed(request.trainer.seed);
  const auto network = models::MakeClassifier(config);
  if (!request.start_from.empty()) {
    models::LoadModule(*network, request.start_from);
  }
  const auto pair = sets.ForClassifier(config);
  auto decides = ToJson(config);
  decides["label_smoothing"] = smoothing;
  const auto trainer = TrainerOf(request, decides, sets.Record());
  const auto last = models::TrainClassifier(*network,
                                            *pair.training,
                                            *pair.validation,
                                            pair.validation_samples,
                                            trainer,
                                            smoothing,
                                            WithPicture(trainer, progress));
  Finish(request, sets, ancestor, sets.Record(), *network, ToJson(config), "classifier", last);
}

}  // namespace necknode::training
