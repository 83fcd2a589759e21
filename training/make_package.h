#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "models/package.h"
#include "training/evaluation.h"
#include "training/opened_data.h"

namespace necknode::training {

/// Two trained networks to be made a package.
struct PackageRequest {
  std::filesystem::path detector;    ///< detector.safetensors, with detector.json beside it
  std::filesystem::path classifier;  ///< classifier.safetensors, with classifier.json beside it
  std::string name = "phantom", version = "1";
  std::filesystem::path out = "models/packages";  ///< receives <name>/<version>/
  std::string data = "phantom";                   ///< see DataSource
  std::string validation_data, test_data;         ///< empty: of `data` the part that each is for
  EvaluationData validation;  ///< how the thresholds are chosen; seeds where "phantom" has none
  EvaluationData test;        ///< how the figures are measured; the same
  OpenOptions open;           ///< of a folder of DICOM
};

/// Writes the weights as float16 and a manifest with thresholds chosen on validation, figures
/// measured on the stored weights and the training records; clinical = false with the warning of
/// what it was trained on. The package appears whole or not at all. `progress` gets the stage's
/// name. Throws Error(kInvalidArgument) where a patient of the test was in training or validation,
/// or one of the validation in training, or the two networks differ in preprocessing,
/// Error(kConflict) where the package exists, Error(kModel) where the weights are unusable, else as
/// DataOpener::Open.
models::Package MakePackage(
    const PackageRequest& request,
    const std::function<void(const std::string& stage, int done, int of)>& progress);

}  // namespace necknode::training
