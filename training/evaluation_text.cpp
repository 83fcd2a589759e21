#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "training/evaluation.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

/// Figures carry no more digits than their intervals allow.
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

std::string Percent(const char* name, const models::Interval& interval) {
  std::array<char, 96> line{};
  std::snprintf(line.data(),
                line.size(),
                "  %-10s %5.1f%%  (95%% interval %.1f to %.1f)\n",
                name,
                100 * interval.value,
                100 * interval.low,
                100 * interval.high);
  return line.data();
}

std::string Fraction(const char* name, const models::Interval& interval) {
  std::array<char, 96> line{};
  std::snprintf(line.data(),
                line.size(),
                "  %-10s %.3f   (95%% interval %.3f to %.3f)\n",
                name,
                interval.value,
                interval.low,
                interval.high);
  return line.data();
}

std::string Number(const char* name, double value, const char* unit = "") {
  std::array<char, 96> line{};
  std::snprintf(line.data(), line.size(), "  %-10s %.3f%s\n", name, value, unit);
  return line.data();
}

std::string ClassifierText(const models::ClassifierFigures& figures) {
  return "  " + std::to_string(figures.true_positives + figures.false_negatives) + " malignant, " +
         std::to_string(figures.true_negatives + figures.false_positives) + " benign\n" +
         Percent("ACC", figures.accuracy) + Percent("TPR", figures.sensitivity) +
         Percent("TNR", figures.specificity) + Fraction("AUC", figures.auc) +
         Number("ECE", figures.calibration_error);
}

}  // namespace

Json ToJson(const Figures& figures, const Answers& answers, const Thresholds& thresholds) {
  Json data = {{"kind", "phantom"},
               {"generator", std::string("necknode ") + NECKNODE_VERSION},
               {"seeds", answers.data.seeds.ToString()}};
  if (!answers.description.empty()) {
    data = {{"kind", "folder"}, {"description", answers.description}};
  }
  data.update(Json{{"patients", answers.patients},
                   {"slices", answers.images},
                   {"slices_with_nodes", answers.images_with_nodes},
                   {"boxes", answers.truths.size()},
                   {"nodes", figures.nodes}});
  return {{"data", std::move(data)},
          {"detection",
           {{"ap50", ToJson(figures.ap50)},
            {"ap50_interval", "95%, bootstrap over patients"},
            {"ap50_95", Rounded(figures.ap50_95)},
            {"score", Rounded(thresholds.detection_score)},
            {"recall", ToJson(figures.recall)},
            {"precision", ToJson(figures.precision)},
            {"false_positives_per_slice", Rounded(figures.false_positives_per_slice)},
            {"node_recall", ToJson(figures.node_recall)}}},
          {"classification",
           {{"on", "boxes detected at the score above, IoU >= 0.5"},
            {"temperature", Rounded(thresholds.temperature)},
            {"malignant_probability", Rounded(thresholds.malignant_probability)},
            {"intervals", "95%, rates Wilson, AUC DeLong"},
            {"per_box", ToJson(figures.per_box)},
            {"per_node", ToJson(figures.per_node)}}}};
}

std::string ToText(const Figures& figures, const Answers& answers, const Thresholds& thresholds) {
  const std::string what =
      answers.description.empty()
          ? "phantom (necknode " NECKNODE_VERSION "), seeds " + answers.data.seeds.ToString()
          : answers.description;
  std::string text = "Data: " + what + ": " + std::to_string(answers.patients) + " patients, " +
                     std::to_string(answers.images) + " slices (" +
                     std::to_string(answers.images_with_nodes) + " with nodes), " +
                     std::to_string(answers.truths.size()) + " boxes of " +
                     std::to_string(figures.nodes) + " nodes\n";
  text += "Detection (intervals of AP50 by bootstrap over patients)\n";
  text += Fraction("AP50", figures.ap50);
  text += Number("AP50:95", figures.ap50_95);
  text += "at the operating point, score >= " +
          std::to_string(Rounded(thresholds.detection_score)).substr(0, 5) + "\n";
  text += Percent("recall", figures.recall);
  text += Percent("precision", figures.precision);
  text += Percent("nodes", figures.node_recall);
  text += Number("false", figures.false_positives_per_slice, " boxes a slice");
  text += "Classification of detected boxes\n" + ClassifierText(figures.per_box);
  text += "Classification of detected nodes\n" + ClassifierText(figures.per_node);
  text += Number("time", answers.seconds_per_slice, " s a slice");
  return text;
}

}  // namespace necknode::training
