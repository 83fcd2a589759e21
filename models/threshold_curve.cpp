#include "models/threshold_curve.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "core/error.h"
#include "models/statistics.h"

namespace necknode::models {
namespace {

std::int64_t Weighted(const std::vector<std::int64_t>& counts, const std::vector<int>& weights) {
  return std::inner_product(counts.begin(), counts.end(), weights.begin(), std::int64_t{0});
}

std::vector<int> Once(const ThresholdCurve& curve) {
  return std::vector<int>(curve.targets.size(), 1);
}

/// The curve's corners where patient p counts weights[p] times; none where nothing is to be found.
std::vector<CurvePoint> WeightedPoints(const ThresholdCurve& curve,
                                       const std::vector<int>& weights) {
  const auto targets = static_cast<double>(Weighted(curve.targets, weights));
  const auto units = static_cast<double>(Weighted(curve.units, weights));
  if (targets <= 0 || units <= 0) {
    return {};
  }
  std::vector<CurvePoint> points = {{0, 0, std::numeric_limits<double>::infinity()}};
  std::int64_t hits = 0;
  std::int64_t false_positives = 0;
  for (std::size_t i = 0; i < curve.events.size(); ++i) {
    const ThresholdEvent& event = curve.events[i];
    const int weight = weights[static_cast<std::size_t>(event.patient)];
    (event.hit ? hits : false_positives) += weight;
    if (i + 1 == curve.events.size() || curve.events[i + 1].score < event.score) {
      points.push_back({static_cast<double>(false_positives) / units,
                        static_cast<double>(hits) / targets,
                        event.score});
    }
  }
  return points;
}

/// For each rate the last point that keeps to it. Both coordinates only grow.
std::vector<CurvePoint> PointsAtRates(const std::vector<CurvePoint>& points,
                                      std::span<const double> rates) {
  std::vector<CurvePoint> at;
  std::size_t next = 0;
  for (const double rate : rates) {
    while (next + 1 < points.size() && points[next + 1].false_positives <= rate) {
      ++next;
    }
    at.push_back(points[next]);
  }
  return at;
}

void SortByScore(std::vector<ThresholdEvent>& events) {
  std::stable_sort(
      events.begin(), events.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
}

/// Boxes seen so far, by study and slice.
class Findings {
 public:
  [[nodiscard]] bool Continues(const ImagePlace& place, const Box& box) const {
    for (int z = place.slice - 1; z <= place.slice + 1; ++z) {
      const auto found = seen_.find({place.study, z});
      if (found != seen_.end() &&
          std::any_of(found->second.begin(), found->second.end(), [&](const Box& other) {
            return IntersectionOverUnion(other, box) >= kSameFinding;
          })) {
        return true;
      }
    }
    return false;
  }
  void Add(const ImagePlace& place, const Box& box) {
    seen_[{place.study, place.slice}].push_back(box);
  }

 private:
  std::map<std::pair<int, int>, std::vector<Box>> seen_;
};

}  // namespace

ThresholdCurve FrocOfImages(std::span<const MatchedBox> matches,
                            std::span<const TrueBox> truths,
                            std::span<const std::int64_t> images_of_patient) {
  ThresholdCurve curve;
  curve.units.assign(images_of_patient.begin(), images_of_patient.end());
  curve.targets.assign(curve.units.size(), 0);
  for (const TrueBox& truth : truths) {
    ++curve.targets.at(static_cast<std::size_t>(truth.patient));
  }
  for (const MatchedBox& match : matches) {
    curve.events.push_back({match.score, match.patient, match.truth >= 0});
  }
  SortByScore(curve.events);
  return curve;
}

ThresholdCurve FrocOfStudies(std::span<const ScoredBox> scored,
                             std::span<const TrueBox> truths,
                             std::span<const int> node_of_truth,
                             std::span<const ImagePlace> places,
                             std::span<const std::int64_t> studies_of_patient,
                             double iou) {
  if (node_of_truth.size() != truths.size()) {
    throw Error(ErrorCode::kInvalidArgument,
                "FROC: " + std::to_string(truths.size()) + " true boxes, nodes of " +
                    std::to_string(node_of_truth.size()));
  }
  ThresholdCurve curve;
  curve.units.assign(studies_of_patient.begin(), studies_of_patient.end());
  curve.targets.assign(curve.units.size(), 0);
  std::set<int> nodes;
  for (std::size_t i = 0; i < truths.size(); ++i) {
    if (nodes.insert(node_of_truth[i]).second) {
      ++curve.targets.at(static_cast<std::size_t>(truths[i].patient));
    }
  }
  std::set<int> found;
  Findings findings;
  for (const MatchedBox& match : MatchBoxesToTruth(scored, truths, iou)) {
    const ScoredBox& box = scored[static_cast<std::size_t>(match.scored)];
    const ImagePlace& place = places[static_cast<std::size_t>(box.image)];
    if (match.truth >= 0) {
      if (found.insert(node_of_truth[static_cast<std::size_t>(match.truth)]).second) {
        curve.events.push_back({match.score, match.patient, true});
      }
    } else if (!findings.Continues(place, box.box)) {
      curve.events.push_back({match.score, match.patient, false});
    }
    findings.Add(place, box.box);
  }
  return curve;
}

ThresholdCurve RocOf(std::span<const JudgedBox> judged) {
  ThresholdCurve curve;
  for (const JudgedBox& box : judged) {
    const auto patient = static_cast<std::size_t>(box.patient);
    if (patient >= curve.targets.size()) {
      curve.targets.resize(patient + 1, 0);
      curve.units.resize(patient + 1, 0);
    }
    ++(box.malignant ? curve.targets : curve.units)[patient];
    curve.events.push_back({box.logit, box.patient, box.malignant});
  }
  SortByScore(curve.events);
  return curve;
}

std::vector<CurvePoint> PointsOf(const ThresholdCurve& curve) {
  return WeightedPoints(curve, Once(curve));
}

std::vector<SensitivityAt> SensitivitiesAt(const ThresholdCurve& curve,
                                           std::span<const double> rates,
                                           int rounds,
                                           std::uint64_t seed) {
  const auto points = PointsOf(curve);
  if (points.empty()) {
    std::vector<SensitivityAt> unknown;
    for (const double rate : rates) {
      unknown.push_back({rate, {0, 0, 1}, 1, false});
    }
    return unknown;
  }
  std::vector<std::vector<double>> resampled(rates.size());
  for (const auto& weights :
       ResamplePatients(static_cast<int>(curve.targets.size()), rounds, seed)) {
    const auto drawn = WeightedPoints(curve, weights);
    if (drawn.empty()) {
      continue;
    }
    const auto at = PointsAtRates(drawn, rates);
    for (std::size_t i = 0; i < rates.size(); ++i) {
      resampled[i].push_back(at[i].sensitivity);
    }
  }
  const auto patients = std::count_if(
      curve.targets.begin(), curve.targets.end(), [](auto targets) { return targets > 0; });
  const auto at = PointsAtRates(points, rates);
  std::vector<SensitivityAt> result;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    const bool none = at[i].score == std::numeric_limits<double>::infinity();
    result.push_back({rates[i],
                      PercentileInterval(at[i].sensitivity, std::move(resampled[i]), patients),
                      none ? 1 : at[i].score,
                      points.back().false_positives >= rates[i]});
  }
  return result;
}

}  // namespace necknode::models
