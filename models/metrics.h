#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/detection.h"

namespace necknode::models {

/// A measured value with its 95% interval.
struct Interval {
  double value = 0, low = 0, high = 0;  ///< value NaN: the figure does not exist
};

/// Rate `successes` / `total` with Wilson's score interval (Wilson, JASA 1927), z = 1.96.
/// {NaN, 0, 1} where `total` is 0: there is no such rate. Throws Error(kInvalidArgument) unless 0
/// <= successes <= total.
[[nodiscard]] Interval WilsonInterval(std::int64_t successes, std::int64_t total);

/// Area under the ROC curve of scores of positives against negatives (ties count half), with
/// DeLong's interval on the logit scale (DeLong et al., Biometrics 1988), so that it stays within
/// 0..1. Where the variance is 0 (perfect separation) the low end is that of the Wilson interval of
/// the smaller class. {NaN, 0, 1} where a class is empty.
[[nodiscard]] Interval AucWithInterval(std::span<const double> positives,
                                       std::span<const double> negatives);

/// A box of the truth on image `image`; `patient` groups images for the bootstrap.
struct TrueBox {
  int image = 0;
  Box box;
  int patient = 0;
};

/// A box of a detector on image `image`.
struct ScoredBox {
  int image = 0;
  Box box;
  double score = 0;
  int patient = 0;
};

/// One scored box after matching.
struct MatchedBox {
  double score = 0;
  int truth = -1;  ///< index of the true box that it found, -1: a false positive
  int patient = 0;
  int scored = 0;  ///< index among the scored boxes
};

/// Matches as COCO does: per image, best score first, each box takes the free true box of the
/// highest IoU that is at least `iou`. Returns all scored boxes by descending score (ties by
/// index).
[[nodiscard]] std::vector<MatchedBox> MatchBoxesToTruth(std::span<const ScoredBox> scored,
                                                        std::span<const TrueBox> truths,
                                                        double iou);

/// Average precision of matches by descending score: mean over the 101 recalls 0, 0.01, ..., 1 of
/// the highest precision at that recall or beyond (COCO). 0 where there is no true box.
[[nodiscard]] double AveragePrecision(std::span<const MatchedBox> matches, std::int64_t truths);

/// Mean of the average precisions at IoU 0.50, 0.55, ..., 0.95 (COCO's AP).
[[nodiscard]] double AveragePrecision50To95(std::span<const ScoredBox> scored,
                                            std::span<const TrueBox> truths);

/// 95% interval of the average precision by a bootstrap over patients (`rounds` resamples,
/// percentiles; seeded). Resamples without a true box do not count; {NaN, 0, 1} where there is no
/// true box at all.
[[nodiscard]] Interval AveragePrecisionWithInterval(std::span<const ScoredBox> scored,
                                                    std::span<const TrueBox> truths,
                                                    double iou,
                                                    int rounds,
                                                    std::uint64_t seed);

/// What a score threshold gives.
struct OperatingPoint {
  double score = 0;  ///< boxes at or above it count
  std::int64_t found = 0, false_positives = 0, truths = 0;
  [[nodiscard]] double Recall() const;
  [[nodiscard]] double Precision() const;
  [[nodiscard]] double F1() const;
};

/// The point at threshold `score` on matches by descending score.
[[nodiscard]] OperatingPoint PointAt(std::span<const MatchedBox> matches,
                                     std::int64_t truths,
                                     double score);
/// The point of the highest F1; `score` is midway to the next lower score so that rounding does not
/// move it.
[[nodiscard]] OperatingPoint BestF1Point(std::span<const MatchedBox> matches, std::int64_t truths);

/// A classifier's answer for one RoI with the truth.
struct JudgedBox {
  double logit = 0;  ///< log odds of malignant against benign
  bool malignant = false;
  int patient = 0;  ///< groups answers for the bootstrap
};

/// Temperature T > 0 (0.05 to 20) that makes sigmoid(logit / T) likeliest; 1 where one class is
/// missing.
[[nodiscard]] double FitTemperature(std::span<const JudgedBox> judged);

/// Expected calibration error of sigmoid(logit / temperature) in `bins` equally wide bins of the
/// probability.
[[nodiscard]] double ExpectedCalibrationError(std::span<const JudgedBox> judged,
                                              double temperature,
                                              int bins = 10);

/// Probability threshold of the highest TPR + TNR (Youden), midway between two neighbouring
/// probabilities; 0.5 where a class is missing.
[[nodiscard]] double BestProbabilityThreshold(std::span<const JudgedBox> judged,
                                              double temperature);

/// Counts at a probability threshold with their rates.
struct ClassifierFigures {
  std::int64_t true_positives = 0, false_negatives = 0, true_negatives = 0, false_positives = 0;
  Interval accuracy, sensitivity, specificity, auc;  ///< sensitivity = TPR, specificity = TNR
  double calibration_error = 0;
};
[[nodiscard]] ClassifierFigures JudgeClassifier(std::span<const JudgedBox> judged,
                                                double temperature,
                                                double probability_threshold);

}  // namespace necknode::models
