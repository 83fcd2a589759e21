#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "models/package.h"
#include "models/training_options.h"
#include "training/data_options.h"

namespace necknode::training {

/// The small variants that train on two CPU cores (docs/models.md).
[[nodiscard]] models::DetectorConfig SmallDetector();
[[nodiscard]] models::ClassifierConfig SmallClassifier();

/// What a training run is to do, whichever network.
struct TrainingRequest {
  std::string data = "phantom";        ///< see ParsePhantomData; default kTrainingSeeds
  std::string validation = "phantom";  ///< default kValidationSeeds
  int validation_samples = 60;
  PhantomDataOptions data_options;  ///< its seeds come from `data`
  models::TrainerOptions trainer;
  int threads = 0;                   ///< of LibTorch; 0: one for each processor
  std::filesystem::path start_from;  ///< weights to begin with, or empty
};

inline constexpr SeedRange kTrainingSeeds{1, 2000};
inline constexpr SeedRange kValidationSeeds{100001, 100012};  ///< also choose the thresholds
inline constexpr SeedRange kTestSeeds{200001, 200030};        ///< nothing is chosen on these

inline constexpr const char* kCurvePicture = "curve.png";

using TrainingProgress = std::function<void(const models::TrainingReport&)>;

/// Trains a detector or classifier and writes detector.safetensors / classifier.safetensors
/// (float32), the training record detector.json / classifier.json, curve.csv and, as often as a
/// checkpoint and at the end, its picture into the folder of request.trainer. Throws
/// Error(kInvalidArgument) where seeds of training and validation overlap, else as
/// models::RunTraining.
void RunDetectorTraining(const TrainingRequest& request,
                         const models::DetectorConfig& config,
                         const TrainingProgress& progress);
void RunClassifierTraining(const TrainingRequest& request,
                           const models::ClassifierConfig& config,
                           double smoothing,
                           const TrainingProgress& progress);

}  // namespace necknode::training
