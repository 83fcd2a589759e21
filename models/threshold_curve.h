#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/metrics.h"

namespace necknode::models {

/// What happens as the threshold falls to `score`: a target is found, or a false positive comes up.
struct ThresholdEvent {
  double score = 0;
  int patient = 0;
  bool hit = false;
};

/// Sensitivity against false positives over all thresholds, in whatever is counted: a FROC curve
/// (targets are boxes or nodes, units images or studies) or a ROC curve (targets are malignant,
/// units benign RoIs, so that false positives per unit are the false positive rate).
struct ThresholdCurve {
  std::vector<ThresholdEvent> events;  ///< by descending score
  std::vector<std::int64_t> targets;   ///< of each patient
  std::vector<std::int64_t> units;     ///< of each patient
};

/// FROC per image: targets are true boxes, units images. `images_of_patient`: how many of each.
[[nodiscard]] ThresholdCurve FrocOfImages(std::span<const MatchedBox> matches,
                                          std::span<const TrueBox> truths,
                                          std::span<const std::int64_t> images_of_patient);

/// Where an image was taken: slice `slice` of study `study`, numbered over all patients.
struct ImagePlace {
  int study = 0, slice = 0;
};

/// FROC per study: targets are nodes, found once a box matches (IoU >= `iou`) on any of their
/// slices; units are studies. A false box that overlaps (IoU >= kSameFinding) a box
/// of higher score on the same or a neighbouring slice continues that finding and is not counted
/// again: a vessel marked on ten slices is one false finding. `node_of_truth`: a number for each
/// node over all patients; `places`: of each image. Throws Error(kInvalidArgument) where their
/// number does not fit.
[[nodiscard]] ThresholdCurve FrocOfStudies(std::span<const ScoredBox> scored,
                                           std::span<const TrueBox> truths,
                                           std::span<const int> node_of_truth,
                                           std::span<const ImagePlace> places,
                                           std::span<const std::int64_t> studies_of_patient,
                                           double iou);
inline constexpr double kSameFinding = 0.3;

/// ROC of a classifier's answers, by their patients.
[[nodiscard]] ThresholdCurve RocOf(std::span<const JudgedBox> judged);

/// One corner of the curve.
struct CurvePoint {
  double false_positives = 0;  ///< per unit
  double sensitivity = 0;
  double score = 0;  ///< the threshold: all at or above it count
};
/// From nothing found to everything, equal scores in one step.
[[nodiscard]] std::vector<CurvePoint> PointsOf(const ThresholdCurve& curve);

/// The highest sensitivity with at most `false_positives` per unit.
struct SensitivityAt {
  double false_positives = 0;
  Interval sensitivity;  ///< 95%, bootstrap over patients
  double score = 0;      ///< lowest threshold that keeps to it; 1 where none does
  bool reached = false;  ///< false: even the lowest score gives fewer false positives
};
/// At each of `rates` (ascending). `rounds` resamples of patients, seeded.
[[nodiscard]] std::vector<SensitivityAt> SensitivitiesAt(const ThresholdCurve& curve,
                                                         std::span<const double> rates,
                                                         int rounds,
                                                         std::uint64_t seed);

/// The rates at which FROC curves are read (van Ginneken et al., Med. Image Anal. 2010).
inline constexpr std::array<double, 7> kFrocRates = {0.125, 0.25, 0.5, 1, 2, 4, 8};

}  // namespace necknode::models
