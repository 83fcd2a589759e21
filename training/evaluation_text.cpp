#include "training/evaluation.h"
#include "training/figure_text.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

std::string Row(const std::string& name, const std::string& value) {
  return "  " + name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') + value + "\n";
}

std::string ClassifierText(const models::ClassifierFigures& figures) {
  return "  " + std::to_string(figures.true_positives + figures.false_negatives) + " metastatic, " +
         std::to_string(figures.true_negatives + figures.false_positives) + " benign\n" +
         Row("ACC", IntervalText(figures.accuracy)) +
         Row("TPR", IntervalText(figures.sensitivity)) +
         Row("TNR", IntervalText(figures.specificity)) + Row("AUC", IntervalText(figures.auc)) +
         Row("ECE", NumberText(figures.calibration_error));
}

}  // namespace

Json ToJson(const Figures& figures, const Answers& answers, const Thresholds& thresholds) {
  Json data = {{"kind", KindOf(answers.data)},
               {"description", answers.data},
               {"necknode", NECKNODE_VERSION}};
  constexpr std::string_view kSeeds = "phantom:seeds ";
  if (answers.data.starts_with(kSeeds)) {
    data["seeds"] = answers.data.substr(kSeeds.size());
  }
  data["whole_studies"] = answers.whole_studies;
  data["patients"] = answers.patients;
  data["studies"] = answers.studies;
  data["slices"] = answers.images;
  data["slices_with_nodes"] = answers.images_with_nodes;
  data["boxes"] = answers.truths.size();
  data["nodes"] = figures.nodes;
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
  return "Data: " + answers.data + ", " +
         (answers.whole_studies ? "whole studies: " : "drawn slices: ") +
         std::to_string(answers.patients) + " patients, " + std::to_string(answers.images) +
         " slices (" + std::to_string(answers.images_with_nodes) + " with nodes), " +
         std::to_string(answers.truths.size()) + " boxes of " + std::to_string(figures.nodes) +
         " nodes\nIn brackets 95% intervals: AP50 bootstrap over patients, rates Wilson, AUC "
         "DeLong\nDetection\n" +
         Row("AP50", IntervalText(figures.ap50)) + Row("AP50:95", NumberText(figures.ap50_95)) +
         " at the operating point, score >= " + NumberText(thresholds.detection_score) + "\n" +
         Row("sensitivity", IntervalText(figures.recall)) +
         Row("precision", IntervalText(figures.precision)) +
         Row("nodes found", IntervalText(figures.node_recall)) +
         Row("false boxes", NumberText(figures.false_positives_per_slice) + " a slice") +
         "Classification of detected boxes, probability >= " +
         NumberText(thresholds.malignant_probability) + "\n" + ClassifierText(figures.per_box) +
         "Classification of detected nodes\n" + ClassifierText(figures.per_node) +
         Row("time", NumberText(answers.seconds_per_slice) + " s a slice");
}

}  // namespace necknode::training
