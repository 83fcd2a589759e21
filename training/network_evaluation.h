#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "training/evaluation.h"
#include "training/labelled_study.h"

namespace necknode::training {

/// One network alone, as `train detector` or `train classifier` left it in a folder (weights and
/// record), measured on unseen data. What an experiment compares.
struct NetworkEvaluation {
  std::string device = "auto";
  int slices = 500;  ///< for a detector: drawn evenly from the studies
  int rois = 10000;  ///< for a classifier: in all, half of each class where a study has both
  int validation_slices = 120, validation_rois = 1000;
  EvaluationProgress progress;
};

/// AP50 with its interval (bootstrap over patients), AP50:95, sensitivity, precision and false
/// boxes a slice at the score that has the best F1 on `validation`; parameters. Throws
/// Error(kNotFound), Error(kModel) where the folder holds no such network.
[[nodiscard]] nlohmann::ordered_json EvaluateDetector(const std::filesystem::path& folder,
                                                      LabelledStudies& test,
                                                      LabelledStudies& validation,
                                                      const NetworkEvaluation& options);

/// ACC, TPR, TNR at Youden's threshold on `validation`, AUC, calibration, and the answer to every
/// RoI; one result for each of `folders`. All judge the same RoIs, about true boxes, moved and
/// resized as a detector's are, so their errors can be paired. Throws as EvaluateDetector, and
/// Error(kInvalidArgument) where the networks need RoIs of different cut, size or channels.
/// "answers": {"malignant", "correct"} have one bit a RoI, as hexadecimal digits from the first on;
/// "rois_of_patients" says how many follow one another of one patient.
[[nodiscard]] std::vector<nlohmann::ordered_json> EvaluateClassifiers(
    const std::vector<std::filesystem::path>& folders,
    LabelledStudies& test,
    LabelledStudies& validation,
    const NetworkEvaluation& options);

/// Hexadecimal digits of `bits`, four a digit, the first the highest; filled up with zeros.
[[nodiscard]] std::string HexOf(const std::vector<bool>& bits);

}  // namespace necknode::training
