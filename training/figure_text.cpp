#include "training/figure_text.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace necknode::training {

using Json = nlohmann::ordered_json;

double Rounded(double value) { return std::round(value * 1e4) / 1e4; }

Json ToJson(const models::Interval& interval) {
  return {{"value", Rounded(interval.value)},
          {"low", Rounded(interval.low)},
          {"high", Rounded(interval.high)}};
}

Json ToJson(const models::ClassifierFigures& figures) {
  return {{"true_positives", figures.true_positives},
          {"false_negatives", figures.false_negatives},
          {"true_negatives", figures.true_negatives},
          {"false_positives", figures.false_positives},
          {"acc", ToJson(figures.accuracy)},
          {"tpr", ToJson(figures.sensitivity)},
          {"tnr", ToJson(figures.specificity)},
          {"auc", ToJson(figures.auc)},
          {"ece", Rounded(figures.calibration_error)}};
}

std::string NumberText(double value, int decimals) {
  if (!std::isfinite(value)) {
    return "-";
  }
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string IntervalText(const models::Interval& interval) {
  if (!std::isfinite(interval.value)) {
    return "-";
  }
  return NumberText(interval.value) + " (" + NumberText(interval.low) + " to " +
         NumberText(interval.high) + ")";
}

std::string KindOf(const std::string& data) {
  return data.starts_with("phantom") ? "phantom" : "folder";
}

}  // namespace necknode::training
