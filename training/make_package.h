#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "models/package.h"
#include "training/evaluation.h"

namespace necknode::training {

/// Two trained networks to be made a package.
struct PackageRequest {
  std::filesystem::path detector;    ///< detector.safetensors, with detector.json beside it
  std::filesystem::path classifier;  ///< classifier.safetensors, with classifier.json beside it
  std::string name = "phantom", version = "1";
  std::filesystem::path out = "models/packages";  ///< receives <name>/<version>/
  EvaluationData validation;  ///< on which the thresholds and the temperature are chosen
  EvaluationData test;        ///< on which the figures are measured
};

/// Writes the weights as float16 and a manifest with thresholds chosen on validation, figures
/// measured on the stored weights and the training records; clinical = false with the phantom's
/// warning. `progress` gets the stage's name. Throws Error(kInvalidArgument) where the seeds of
/// test, validation and training overlap or the two networks differ in preprocessing, Error(kModel)
/// where the weights are unusable.
models::Package MakePackage(
    const PackageRequest& request,
    const std::function<void(const std::string& stage, int done, int of)>& progress);

}  // namespace necknode::training
