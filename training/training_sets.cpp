#include "training/training_sets.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "training/phantom_dataset.h"
#include "training/study_dataset.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

/// The data set of one side, and how many of its samples make sense as validation.
template <typename Folder, typename Phantoms, typename Sets, typename Config>
int Fill(Sets& set,
         const OpenedData& data,
         const PhantomDataOptions& options,
         const EpochOptions& epoch,
         const Config& config,
         int wanted) {
  if (data.source.phantom) {
    set = std::make_unique<Phantoms>(options, config, PoolFor(options));
    return wanted;
  }
  auto made = std::make_unique<Folder>(data.part, options, epoch, config);
  const auto most = made->EpochLength();
  set = std::move(made);
  return static_cast<int>(std::min<std::int64_t>(wanted, most));
}

Json RecordOfSide(const OpenedData& data, const TrainingRequest& request) {
  if (data.source.phantom) {
    return {{"kind", "phantom"},
            {"seeds", data.source.seeds.ToString()},
            {"slices", request.data_options.slices}};
  }
  Json record = data.folder->Record();
  record["part"] = ToString(data.source.part);
  return record;
}

}  // namespace

TrainingSets::TrainingSets(const TrainingRequest& request) : request_(request) {
  OpenOptions options;
  options.folder = request.folder;
  options.strict = request.strict;
  options.problems_folder = request.trainer.folder;
  options.phantom_slices = request.data_options.slices;
  options.progress = request.reading;
  options.report = request.report;
  DataOpener opener(std::move(options));
  training_ = opener.Open(request.data, kTrainingSeeds, DataPart::kTrain);
  validation_ = request.validation.empty() && !training_.source.phantom
                    ? opener.OpenPart(training_, DataPart::kValidation)
                    : opener.Open(request.validation.empty() ? "phantom" : request.validation,
                                  kValidationSeeds,
                                  DataPart::kValidation);
  RequireApart(training_.Patients(), "training", validation_.Patients(), "validation");
  request_.data_options.seeds = training_.source.seeds;
  validation_options_ = request.data_options;
  validation_options_.seeds = validation_.source.seeds;
  validation_options_.augment = false;
  validation_options_.crop = 0;
  validation_options_.phantoms_in_memory = static_cast<int>(validation_options_.seeds.Count());
}

TrainingSets::Pair<models::DetectorDataset> TrainingSets::ForDetector(int channels) const {
  const EpochOptions epoch{request_.augmentation_factor, request_.folder.studies_in_memory};
  const EpochOptions once{1, request_.folder.studies_in_memory};
  Pair<models::DetectorDataset> pair;
  (void)Fill<StudyDetectorData, PhantomDetectorData>(
      pair.training, training_, request_.data_options, epoch, channels, 0);
  pair.validation_samples =
      Fill<StudyDetectorData, PhantomDetectorData>(pair.validation,
                                                   validation_,
                                                   validation_options_,
                                                   once,
                                                   channels,
                                                   request_.validation_samples);
  return pair;
}

TrainingSets::Pair<models::ClassifierDataset> TrainingSets::ForClassifier(
    const models::ClassifierConfig& config) const {
  const EpochOptions epoch{request_.augmentation_factor, request_.folder.studies_in_memory};
  const EpochOptions once{1, request_.folder.studies_in_memory};
  Pair<models::ClassifierDataset> pair;
  (void)Fill<StudyClassifierData, PhantomClassifierData>(
      pair.training, training_, request_.data_options, epoch, config, 0);
  pair.validation_samples = Fill<StudyClassifierData, PhantomClassifierData>(
      pair.validation, validation_, validation_options_, once, config, request_.validation_samples);
  return pair;
}

Json TrainingSets::Record() const {
  const auto& data = request_.data_options;
  Json record = RecordOfSide(training_, request_);
  if (training_.source.phantom) {
    record["phantoms_in_memory"] = data.phantoms_in_memory;
    record["samples_per_phantom"] = data.samples_per_phantom;
  } else {
    record["augmentation_factor"] = request_.augmentation_factor;
  }
  record["sampling_seed"] = data.seed;
  record["share_with_nodes"] = data.share_with_nodes;
  record["crop"] = data.crop;
  if (validation_.source.phantom) {
    record["validation_seeds"] = validation_.source.seeds.ToString();
  } else {
    record["validation"] = RecordOfSide(validation_, request_);
  }
  return record;
}

}  // namespace necknode::training
