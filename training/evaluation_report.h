#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/operating_points.h"
#include "models/threshold_curve.h"
#include "training/evaluation.h"
#include "training/readers.h"

namespace necknode::training {

/// A rule for the detector's threshold, and what it gives on the measured data.
struct DetectionChoice {
  models::ThresholdChoice choice;
  models::OperatingPoint point;
};
/// The same for the classifier's.
struct MalignancyChoice {
  models::ThresholdChoice choice;
  models::ClassifierFigures figures;
};

/// Everything that is said of a package on a set of data.
struct EvaluationReport {
  std::string package;  ///< name and version
  Answers answers;
  Thresholds thresholds;
  std::string thresholds_chosen_on;  ///< what data, as the package has it
  Figures figures;
  Judged judged;  ///< at the operating point
  models::ThresholdCurve froc_slices, froc_studies;
  models::ThresholdCurve roc_boxes, roc_nodes;
  std::vector<models::SensitivityAt> per_slice;  ///< at models::kFrocRates
  std::vector<models::SensitivityAt> per_study;  ///< empty unless whole studies were evaluated
  std::vector<models::ReliabilityBin> reliability;
  double uncalibrated_error = 0;  ///< expected calibration error at temperature 1
  std::string choices_from;       ///< the data that the rules below were applied to
  std::vector<DetectionChoice> detection_choices;
  std::vector<MalignancyChoice> malignancy_choices;
  std::optional<ReaderComparison> readers;
};

/// Measures. The rules for other thresholds are applied to `chosen_on`, or, where that is null, to
/// the measured data themselves, which flatters them; the report says which.
[[nodiscard]] EvaluationReport MakeReport(const models::Package& package,
                                          Answers answers,
                                          const Answers* chosen_on,
                                          const ReaderFile* readers);

[[nodiscard]] nlohmann::ordered_json ToJson(const EvaluationReport& report);
[[nodiscard]] std::string ToMarkdown(const EvaluationReport& report);
/// A short table for a terminal: the figures, FROC, readers and their rows that were not used.
[[nodiscard]] std::string ToText(const EvaluationReport& report);

/// Writes report.json, report.md, roc.png, froc.png and reliability.png into `folder`, which is
/// made. Throws Error(kStorageFailed).
void WriteReport(const EvaluationReport& report, const std::filesystem::path& folder);

}  // namespace necknode::training
