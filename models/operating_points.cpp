#include "models/operating_points.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace necknode::models {
namespace {

/// What lies at or above a threshold.
struct Counts {
  double threshold = 0;
  std::int64_t hits = 0, false_positives = 0;
};

/// One entry for each distinct threshold, from high to low; `scores` descending with their truth.
std::vector<Counts> CountsOf(const std::vector<std::pair<double, bool>>& scores) {
  std::vector<Counts> counts;
  Counts now;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    ++(scores[i].second ? now.hits : now.false_positives);
    const bool last = i + 1 == scores.size();
    const double next = last ? 0 : scores[i + 1].first;
    if (last || next < scores[i].first) {
      now.threshold = (scores[i].first + next) / 2;
      counts.push_back(now);
    }
  }
  return counts;
}

double F1(const Counts& counts, std::int64_t targets) {
  return 2.0 * static_cast<double>(counts.hits) /
         static_cast<double>(targets + counts.hits + counts.false_positives);
}

ThresholdChoice BestF1(const std::vector<Counts>& counts, std::int64_t targets) {
  const auto best = std::max_element(counts.begin(), counts.end(), [&](auto& a, auto& b) {
    return F1(a, targets) < F1(b, targets);
  });
  if (best == counts.end()) {
    return {"best F1", std::nullopt};
  }
  return {"best F1", best->threshold};
}

/// The highest threshold that finds `share` of the targets.
ThresholdChoice AtLeast(const std::string& rule,
                        const std::vector<Counts>& counts,
                        double share,
                        std::int64_t targets) {
  for (const Counts& at : counts) {
    if (static_cast<double>(at.hits) >= share * static_cast<double>(targets)) {
      return {rule, at.threshold};
    }
  }
  return {rule, std::nullopt};
}

/// The lowest threshold with at most `limit` false positives.
ThresholdChoice AtMost(const std::string& rule, const std::vector<Counts>& counts, double limit) {
  ThresholdChoice choice{rule, std::nullopt};
  for (const Counts& at : counts) {
    if (static_cast<double>(at.false_positives) <= limit) {
      choice.threshold = at.threshold;
    }
  }
  return choice;
}

double Probability(const JudgedBox& box, double temperature) {
  return 1 / (1 + std::exp(-box.logit / temperature));
}

}  // namespace

std::vector<ThresholdChoice> DetectionChoices(std::span<const MatchedBox> matches,
                                              std::int64_t truths,
                                              std::int64_t images) {
  std::vector<std::pair<double, bool>> scores;
  for (const MatchedBox& match : matches) {
    scores.emplace_back(match.score, match.truth >= 0);
  }
  const auto counts = CountsOf(scores);
  const auto n = static_cast<double>(images);
  return {BestF1(counts, truths),
          AtLeast("sensitivity >= 0.90", counts, 0.90, truths),
          AtLeast("sensitivity >= 0.95", counts, 0.95, truths),
          AtMost("<= 0.25 false boxes a slice", counts, 0.25 * n),
          AtMost("<= 1 false box a slice", counts, n)};
}

std::vector<ThresholdChoice> MalignancyChoices(std::span<const JudgedBox> judged,
                                               double temperature) {
  std::vector<ThresholdChoice> choices = {{"probability 0.5", 0.5}};
  std::vector<std::pair<double, bool>> scores;
  std::int64_t positives = 0;
  for (const JudgedBox& box : judged) {
    scores.emplace_back(Probability(box, temperature), box.malignant);
    positives += box.malignant ? 1 : 0;
  }
  const std::int64_t negatives = std::ssize(judged) - positives;
  if (positives == 0 || negatives == 0) {
    return choices;
  }
  std::sort(scores.begin(), scores.end(), std::greater<>());
  const auto counts = CountsOf(scores);
  choices.push_back({"Youden (TPR + TNR)", BestProbabilityThreshold(judged, temperature)});
  choices.push_back(BestF1(counts, positives));
  choices.push_back(AtLeast("TPR >= 0.95", counts, 0.95, positives));
  choices.push_back(AtMost("TNR >= 0.95", counts, 0.05 * static_cast<double>(negatives)));
  return choices;
}

std::vector<ReliabilityBin> ReliabilityOf(std::span<const JudgedBox> judged,
                                          double temperature,
                                          int bins) {
  std::vector<ReliabilityBin> result;
  std::vector<std::int64_t> malignant(static_cast<std::size_t>(bins), 0);
  for (int i = 0; i < bins; ++i) {
    result.push_back({static_cast<double>(i) / bins, static_cast<double>(i + 1) / bins, 0, 0, {}});
  }
  for (const JudgedBox& box : judged) {
    const double p = Probability(box, temperature);
    const auto at = static_cast<std::size_t>(std::min(bins - 1, static_cast<int>(p * bins)));
    ++result[at].count;
    result[at].mean_probability += p;
    malignant[at] += box.malignant ? 1 : 0;
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto count = result[i].count;
    result[i].mean_probability /= static_cast<double>(std::max<std::int64_t>(count, 1));
    result[i].malignant = WilsonInterval(malignant[i], count);
  }
  return result;
}

}  // namespace necknode::models
