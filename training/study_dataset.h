#pragma once

#include <cstdint>
#include <memory>

#include "models/dataset.h"
#include "training/data_options.h"
#include "training/epoch_draws.h"
#include "training/folder_data.h"

namespace necknode::training {

/// Annotated slices of a folder for the detector. An epoch draws each slice with a node
/// augmentation_factor times, differently augmented each time, and so many slices without that
/// those with nodes make up share_with_nodes.
class StudyDetectorData : public models::DetectorDataset {
 public:
  /// Throws Error(kInvalidArgument) where `studies` have no slice with a node.
  StudyDetectorData(std::shared_ptr<FolderStudies> studies,
                    const SampleOptions& options,
                    const EpochOptions& epoch,
                    int channels);
  [[nodiscard]] models::DetectorSample At(std::int64_t index) override;
  [[nodiscard]] std::int64_t EpochLength() const { return draws_.Length(); }

 private:
  std::shared_ptr<FolderStudies> studies_;
  SampleOptions options_;
  int channels_;
  EpochDraws draws_;
};

/// RoIs about the annotated boxes of a folder. An epoch draws each box of the larger class
/// augmentation_factor times and the smaller class as often in all.
class StudyClassifierData : public models::ClassifierDataset {
 public:
  /// Throws Error(kInvalidArgument) where `studies` lack a class.
  StudyClassifierData(std::shared_ptr<FolderStudies> studies,
                      const SampleOptions& options,
                      const EpochOptions& epoch,
                      const models::ClassifierConfig& config);
  [[nodiscard]] models::ClassifierSample At(std::int64_t index) override;
  [[nodiscard]] std::int64_t EpochLength() const { return draws_.Length(); }

 private:
  std::shared_ptr<FolderStudies> studies_;
  SampleOptions options_;
  models::ClassifierConfig config_;
  EpochDraws draws_;
};

}  // namespace necknode::training
