#include "models/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "core/error.h"
#include "models/statistics.h"

namespace necknode::models {
namespace {

constexpr double kZ95 = 1.959963984540054;

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// Fraction of `others` below `score`, ties half; `others` is sorted.
double FractionBelow(double score, std::span<const double> others) {
  const auto low = std::lower_bound(others.begin(), others.end(), score) - others.begin();
  const auto high = std::upper_bound(others.begin(), others.end(), score) - others.begin();
  return static_cast<double>(low + high) / 2 / static_cast<double>(others.size());
}

double Mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Variance of the mean of `values` (sample variance over their number), 0 for fewer than two.
double VarianceOfMean(std::span<const double> values) {
  if (values.size() < 2) {
    return 0;
  }
  const double mean = Mean(values);
  double sum = 0;
  for (const double value : values) {
    sum += (value - mean) * (value - mean);
  }
  const auto n = static_cast<double>(values.size());
  return sum / (n - 1) / n;
}

double NegativeLogLikelihood(std::span<const JudgedBox> judged, double temperature) {
  double sum = 0;
  for (const JudgedBox& box : judged) {
    const double z = (box.malignant ? -box.logit : box.logit) / temperature;
    sum += z > 30 ? z : std::log1p(std::exp(z));
  }
  return sum;
}

bool HasBothClasses(std::span<const JudgedBox> judged) {
  const auto malignant = std::count_if(
      judged.begin(), judged.end(), [](const JudgedBox& box) { return box.malignant; });
  return malignant > 0 && malignant < std::ssize(judged);
}

/// Average precision where the match of patient p counts weight[p] times.
double WeightedAveragePrecision(std::span<const MatchedBox> matches,
                                const std::vector<int>& weight_of_patient,
                                std::int64_t truths) {
  if (truths == 0) {
    return 0;
  }
  std::vector<std::pair<double, double>> curve;  // recall, precision
  std::int64_t found = 0;
  std::int64_t seen = 0;
  for (const MatchedBox& match : matches) {
    const int weight = weight_of_patient[static_cast<std::size_t>(match.patient)];
    if (weight == 0) {
      continue;
    }
    seen += weight;
    found += match.truth >= 0 ? weight : 0;
    curve.emplace_back(static_cast<double>(found) / static_cast<double>(truths),
                       static_cast<double>(found) / static_cast<double>(seen));
  }
  for (std::size_t i = curve.size(); i-- > 1;) {
    curve[i - 1].second = std::max(curve[i - 1].second, curve[i].second);
  }
  double sum = 0;
  std::size_t at = 0;
  for (int step = 0; step <= 100; ++step) {
    const double recall = step / 100.0;
    while (at < curve.size() && curve[at].first < recall - 1e-12) {
      ++at;
    }
    sum += at < curve.size() ? curve[at].second : 0;
  }
  return sum / 101;
}

}  // namespace

Interval WilsonInterval(std::int64_t successes, std::int64_t total) {
  if (successes < 0 || successes > total) {
    throw Error(ErrorCode::kInvalidArgument,
                "Wilson interval of " + std::to_string(successes) + " of " + std::to_string(total));
  }
  if (total == 0) {
    return {std::numeric_limits<double>::quiet_NaN(), 0, 1};
  }
  const auto n = static_cast<double>(total);
  const double p = static_cast<double>(successes) / n;
  const double z2 = kZ95 * kZ95;
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ95 / (1 + z2 / n) * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n));
  return {p, std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

Interval AucWithInterval(std::span<const double> positives, std::span<const double> negatives) {
  if (positives.empty() || negatives.empty()) {
    return {std::numeric_limits<double>::quiet_NaN(), 0, 1};
  }
  std::vector<double> high(positives.begin(), positives.end());
  std::vector<double> low(negatives.begin(), negatives.end());
  std::sort(high.begin(), high.end());
  std::sort(low.begin(), low.end());
  std::vector<double> of_positives;
  std::vector<double> of_negatives;
  for (const double score : high) {
    of_positives.push_back(FractionBelow(score, low));
  }
  for (const double score : low) {
    of_negatives.push_back(1 - FractionBelow(score, high));
  }
  const double auc = Mean(of_positives);
  const double variance = VarianceOfMean(of_positives) + VarianceOfMean(of_negatives);
  if (variance <= 0 || auc <= 0 || auc >= 1) {
    const auto smaller = static_cast<std::int64_t>(std::min(high.size(), low.size()));
    const Interval bound =
        WilsonInterval(std::llround(auc * static_cast<double>(smaller)), smaller);
    return {auc, std::min(bound.low, auc), std::max(bound.high, auc)};
  }
  const double logit = std::log(auc / (1 - auc));
  const double half = kZ95 * std::sqrt(variance) / (auc * (1 - auc));
  return {auc, Sigmoid(logit - half), Sigmoid(logit + half)};
}

std::vector<MatchedBox> MatchBoxesToTruth(std::span<const ScoredBox> scored,
                                          std::span<const TrueBox> truths,
                                          double iou) {
  std::map<int, std::vector<int>> truths_of_image;
  for (std::size_t i = 0; i < truths.size(); ++i) {
    truths_of_image[truths[i].image].push_back(static_cast<int>(i));
  }
  std::vector<int> order(scored.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return scored[static_cast<std::size_t>(a)].score > scored[static_cast<std::size_t>(b)].score;
  });
  std::vector<bool> taken(truths.size(), false);
  std::vector<MatchedBox> matches;
  matches.reserve(scored.size());
  for (const int index : order) {
    const ScoredBox& box = scored[static_cast<std::size_t>(index)];
    int best = -1;
    double best_iou = iou;
    for (const int candidate : truths_of_image[box.image]) {
      const auto at = static_cast<std::size_t>(candidate);
      const double overlap = taken[at] ? 0 : IntersectionOverUnion(box.box, truths[at].box);
      if (overlap >= best_iou && (best < 0 || overlap > best_iou)) {
        best = candidate;
        best_iou = overlap;
      }
    }
    if (best >= 0) {
      taken[static_cast<std::size_t>(best)] = true;
    }
    matches.push_back({box.score, best, box.patient, index});
  }
  return matches;
}

double AveragePrecision(std::span<const MatchedBox> matches, std::int64_t truths) {
  int patients = 0;
  for (const MatchedBox& match : matches) {
    patients = std::max(patients, match.patient + 1);
  }
  return WeightedAveragePrecision(
      matches, std::vector<int>(static_cast<std::size_t>(patients), 1), truths);
}

double AveragePrecision50To95(std::span<const ScoredBox> scored, std::span<const TrueBox> truths) {
  double sum = 0;
  for (int step = 0; step < 10; ++step) {
    sum +=
        AveragePrecision(MatchBoxesToTruth(scored, truths, 0.5 + 0.05 * step), std::ssize(truths));
  }
  return sum / 10;
}

Interval AveragePrecisionWithInterval(std::span<const ScoredBox> scored,
                                      std::span<const TrueBox> truths,
                                      double iou,
                                      int rounds,
                                      std::uint64_t seed) {
  const auto matches = MatchBoxesToTruth(scored, truths, iou);
  int patients = 0;
  for (const TrueBox& truth : truths) {
    patients = std::max(patients, truth.patient + 1);
  }
  for (const MatchedBox& match : matches) {
    patients = std::max(patients, match.patient + 1);
  }
  std::vector<std::int64_t> truths_of_patient(static_cast<std::size_t>(patients), 0);
  for (const TrueBox& truth : truths) {
    ++truths_of_patient[static_cast<std::size_t>(truth.patient)];
  }
  if (truths.empty()) {
    return {std::numeric_limits<double>::quiet_NaN(), 0, 1};
  }
  const double value = AveragePrecision(matches, std::ssize(truths));
  std::vector<double> values;
  for (const auto& weights : ResamplePatients(patients, rounds, seed)) {
    const auto drawn_truths = std::inner_product(
        weights.begin(), weights.end(), truths_of_patient.begin(), std::int64_t{0});
    if (drawn_truths > 0) {  // else nothing could be found: no average precision
      values.push_back(WeightedAveragePrecision(matches, weights, drawn_truths));
    }
  }
  return PercentileInterval(value, std::move(values), patients);
}

double OperatingPoint::Recall() const {
  return truths > 0 ? static_cast<double>(found) / static_cast<double>(truths) : 0;
}

double OperatingPoint::Precision() const {
  const auto boxes = found + false_positives;
  return boxes > 0 ? static_cast<double>(found) / static_cast<double>(boxes) : 0;
}

double OperatingPoint::F1() const {
  const auto all = truths + found + false_positives;
  return all > 0 ? 2.0 * static_cast<double>(found) / static_cast<double>(all) : 0;
}

OperatingPoint PointAt(std::span<const MatchedBox> matches, std::int64_t truths, double score) {
  OperatingPoint point{score, 0, 0, truths};
  for (const MatchedBox& match : matches) {
    if (match.score >= score) {
      ++(match.truth >= 0 ? point.found : point.false_positives);
    }
  }
  return point;
}

OperatingPoint BestF1Point(std::span<const MatchedBox> matches, std::int64_t truths) {
  OperatingPoint best{0.5, 0, 0, truths};
  OperatingPoint point{0, 0, 0, truths};
  for (std::size_t i = 0; i < matches.size(); ++i) {
    ++(matches[i].truth >= 0 ? point.found : point.false_positives);
    const bool last = i + 1 == matches.size();
    const double next = last ? 0 : matches[i + 1].score;
    point.score = (matches[i].score + next) / 2;
    if ((last || next < matches[i].score) && point.F1() > best.F1()) {
      best = point;
    }
  }
  return best;
}

double FitTemperature(std::span<const JudgedBox> judged) {
  if (!HasBothClasses(judged)) {
    return 1;
  }
  // The likelihood has one optimum in 1 / T, so a golden section over log T finds it.
  constexpr double kGolden = 0.6180339887498949;
  double low = std::log(0.05);
  double high = std::log(20.0);
  while (high - low > 1e-6) {
    const double a = high - kGolden * (high - low);
    const double b = low + kGolden * (high - low);
    if (NegativeLogLikelihood(judged, std::exp(a)) < NegativeLogLikelihood(judged, std::exp(b))) {
      high = b;
    } else {
      low = a;
    }
  }
  return std::exp((low + high) / 2);
}

double ExpectedCalibrationError(std::span<const JudgedBox> judged, double temperature, int bins) {
  if (judged.empty() || bins < 1) {
    return 0;
  }
  std::vector<double> gap(static_cast<std::size_t>(bins), 0);
  for (const JudgedBox& box : judged) {
    const double p = Sigmoid(box.logit / temperature);
    const auto bin = static_cast<std::size_t>(std::min(bins - 1, static_cast<int>(p * bins)));
    gap[bin] += (box.malignant ? 1 : 0) - p;
  }
  double sum = 0;
  for (const double value : gap) {
    sum += std::abs(value);
  }
  return sum / static_cast<double>(judged.size());
}

double BestProbabilityThreshold(std::span<const JudgedBox> judged, double temperature) {
  if (!HasBothClasses(judged)) {
    return 0.5;
  }
  std::vector<std::pair<double, bool>> sorted;
  std::int64_t positives = 0;
  for (const JudgedBox& box : judged) {
    sorted.emplace_back(Sigmoid(box.logit / temperature), box.malignant);
    positives += box.malignant ? 1 : 0;
  }
  std::sort(sorted.begin(), sorted.end());
  const auto negatives = std::ssize(sorted) - positives;
  double best = -1;
  double threshold = 0.5;
  std::int64_t below_positive = 0;
  std::int64_t below_negative = 0;
  for (std::size_t i = 0; i + 1 < sorted.size(); ++i) {
    ++(sorted[i].second ? below_positive : below_negative);
    const double youden = static_cast<double>(below_negative) / static_cast<double>(negatives) -
                          static_cast<double>(below_positive) / static_cast<double>(positives);
    if (sorted[i].first < sorted[i + 1].first && youden > best) {
      best = youden;
      threshold = (sorted[i].first + sorted[i + 1].first) / 2;
    }
  }
  return threshold;
}

ClassifierFigures JudgeClassifier(std::span<const JudgedBox> judged,
                                  double temperature,
                                  double probability_threshold) {
  ClassifierFigures figures;
  std::vector<double> positives;
  std::vector<double> negatives;
  for (const JudgedBox& box : judged) {
    const bool called = Sigmoid(box.logit / temperature) >= probability_threshold;
    if (box.malignant) {
      ++(called ? figures.true_positives : figures.false_negatives);
      positives.push_back(box.logit);
    } else {
      ++(called ? figures.false_positives : figures.true_negatives);
      negatives.push_back(box.logit);
    }
  }
  figures.accuracy =
      WilsonInterval(figures.true_positives + figures.true_negatives, std::ssize(judged));
  figures.sensitivity = WilsonInterval(figures.true_positives, std::ssize(positives));
  figures.specificity = WilsonInterval(figures.true_negatives, std::ssize(negatives));
  figures.auc = AucWithInterval(positives, negatives);
  figures.calibration_error = ExpectedCalibrationError(judged, temperature);
  return figures;
}

}  // namespace necknode::models
