#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "models/package.h"
#include "models/training_options.h"
#include "training/data_options.h"
#include "training/folder_data.h"

namespace necknode::training {

/// The small variants that train on two CPU cores (docs/training.md). Of a detector everything but
/// channels, widths and norm is as the architecture was published.
[[nodiscard]] models::DetectorConfig SmallDetector(
    const std::string& architecture = models::kDetectorArchitecture);
[[nodiscard]] models::ClassifierConfig SmallClassifier();

/// What a training run is to do, whichever network.
struct TrainingRequest {
  std::string data = "phantom";     ///< see DataSource; by itself kTrainingSeeds or the train part
  std::string validation;           ///< empty: kValidationSeeds, or the validation part of `data`
  int validation_samples = 60;      ///< at most; of a folder no more than it has
  PhantomDataOptions data_options;  ///< its seeds come from `data`
  FolderOptions folder;
  bool strict = false;              ///< an entry of a folder that cannot be used ends the run
  int augmentation_factor = 20;     ///< draws of each image of a folder an epoch
  bool design_anchors = false;      ///< of a detector, from its training data
  std::optional<double> smoothing;  ///< of a classifier, set by RunClassifierTraining
  models::TrainerOptions trainer;
  int threads = 0;                   ///< of LibTorch; 0: one for each processor
  std::filesystem::path start_from;  ///< weights to begin with, or empty
  FolderData::Progress reading;      ///< is told of a folder's series that were read; may be empty
  std::function<void(const std::string& text)> report;  ///< of what a folder holds; may be empty
};

inline constexpr SeedRange kTrainingSeeds{1, 2000};
inline constexpr SeedRange kValidationSeeds{100001, 100012};  ///< also choose the thresholds
inline constexpr SeedRange kTestSeeds{200001, 200030};        ///< nothing is chosen on these

inline constexpr const char* kCurvePicture = "curve.png";

using TrainingProgress = std::function<void(const models::TrainingReport&)>;

/// Trains a detector or classifier and writes detector.safetensors / classifier.safetensors
/// (float32), the training record detector.json / classifier.json, curve.csv and, as often as a
/// checkpoint and at the end, its picture into the folder of request.trainer, with the patients
/// seen beside it (patient_set.h). Of a folder of DICOM it also
/// writes data_problems.json. Throws Error(kInvalidArgument) where patients of training and
/// validation overlap, as DataOpener::Open, else as models::RunTraining.
void RunDetectorTraining(const TrainingRequest& request,
                         const models::DetectorConfig& config,
                         const TrainingProgress& progress);
void RunClassifierTraining(const TrainingRequest& request,
                           const models::ClassifierConfig& config,
                           double smoothing,
                           const TrainingProgress& progress);

}  // namespace necknode::training
