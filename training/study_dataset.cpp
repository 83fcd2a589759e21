#include "training/study_dataset.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/error.h"
#include "training/study_samples.h"

namespace necknode::training {
namespace {

EpochDraws DrawsOfSlices(const FolderStudies& studies,
                         const SampleOptions& options,
                         const EpochOptions& epoch) {
  EpochDraws::Kind with, without;
  for (std::size_t s = 0; s < studies.labels().size(); ++s) {
    const LabelledStudy& study = studies.labels()[s];
    std::set<int> has_node;
    for (const LabelledBox& box : study.boxes) {
      has_node.insert(box.slice);
    }
    for (const int z : study.slices) {
      (has_node.contains(z) ? with : without).items.push_back({s, z});
    }
  }
  if (with.items.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                studies.Description() + " has no slice with a lymph node");
  }
  with.draws = std::ssize(with.items) * epoch.augmentation_factor;
  const double share = std::clamp(options.share_with_nodes, 0.01, 1.0);
  without.draws = std::llround(static_cast<double>(with.draws) * (1 - share) / share);
  return {std::move(with), std::move(without), epoch.studies_at_once, options.seed};
}

EpochDraws DrawsOfBoxes(const FolderStudies& studies,
                        const SampleOptions& options,
                        const EpochOptions& epoch) {
  EpochDraws::Kind benign, metastatic;
  for (std::size_t s = 0; s < studies.labels().size(); ++s) {
    const auto& boxes = studies.labels()[s].boxes;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      (boxes[i].malignant ? metastatic : benign).items.push_back({s, static_cast<int>(i)});
    }
  }
  if (benign.items.empty() || metastatic.items.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                studies.Description() + " has " + std::to_string(benign.items.size()) +
                    " benign and " + std::to_string(metastatic.items.size()) +
                    " metastatic boxes; a classifier needs both");
  }
  benign.draws =
      std::max(std::ssize(benign.items), std::ssize(metastatic.items)) * epoch.augmentation_factor;
  metastatic.draws = benign.draws;
  return {std::move(benign), std::move(metastatic), epoch.studies_at_once, options.seed};
}

}  // namespace

StudyDetectorData::StudyDetectorData(std::shared_ptr<FolderStudies> studies,
                                     const SampleOptions& options,
                                     const EpochOptions& epoch,
                                     int channels)
    : studies_(std::move(studies)),
      options_(options),
      channels_(channels),
      draws_(DrawsOfSlices(*studies_, options, epoch)) {}

models::DetectorSample StudyDetectorData::At(std::int64_t index) {
  torch::NoGradGuard no_grad;
  phantom::Random random(options_.seed, static_cast<std::uint64_t>(index));
  const auto [study, z] = draws_.At(index);
  return DrawDetectorSample(*studies_->Get(study), z, channels_, options_, random);
}

StudyClassifierData::StudyClassifierData(std::shared_ptr<FolderStudies> studies,
                                         const SampleOptions& options,
                                         const EpochOptions& epoch,
                                         const models::ClassifierConfig& config)
    : studies_(std::move(studies)),
      options_(options),
      config_(config),
      draws_(DrawsOfBoxes(*studies_, options, epoch)) {}

models::ClassifierSample StudyClassifierData::At(std::int64_t index) {
  torch::NoGradGuard no_grad;
  phantom::Random random(options_.seed, static_cast<std::uint64_t>(index));
  const auto [study, box] = draws_.At(index);
  const auto read = studies_->Get(study);
  return DrawClassifierSample(
      *read, read->boxes.at(static_cast<std::size_t>(box)), config_, options_, random);
}

}  // namespace necknode::training
