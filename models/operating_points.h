#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/metrics.h"

namespace necknode::models {

/// A rule for choosing a threshold and what it chooses.
struct ThresholdChoice {
  std::string rule;
  std::optional<double> threshold;  ///< none: no threshold fulfils the rule
};

/// Detection scores: best F1; sensitivity at least 0.90, 0.95 (the highest score that has it); at
/// most 0.25, 1 false boxes an image (the lowest score that keeps to it). Thresholds lie midway
/// between neighbouring scores.
[[nodiscard]] std::vector<ThresholdChoice> DetectionChoices(std::span<const MatchedBox> matches,
                                                            std::int64_t truths,
                                                            std::int64_t images);

/// Probabilities of malignancy, sigmoid(logit / temperature): 0.5; Youden's; best F1; sensitivity
/// at least 0.95 (the highest); specificity at least 0.95 (the lowest). Only the first where a
/// class is missing.
[[nodiscard]] std::vector<ThresholdChoice> MalignancyChoices(std::span<const JudgedBox> judged,
                                                             double temperature);

/// Answers whose calibrated probability lies in one bin.
struct ReliabilityBin {
  double low = 0, high = 1;
  std::int64_t count = 0;
  double mean_probability = 0;  ///< of the answers
  Interval malignant;           ///< share that is malignant, Wilson
};
/// `bins` equally wide bins, the empty ones too.
[[nodiscard]] std::vector<ReliabilityBin> ReliabilityOf(std::span<const JudgedBox> judged,
                                                        double temperature,
                                                        int bins = 10);

}  // namespace necknode::models
