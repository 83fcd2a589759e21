#include <algorithm>
#include <initializer_list>

#include "training/evaluation_report.h"
#include "training/figure_text.h"

namespace necknode::training {
namespace {

/// Text as it stands in a cell of a Markdown table.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '|' || c == '\\' || c == '`' || c == '*' || c == '_' || c == '<' ? "\\" : "";
    escaped += c;
  }
  return escaped;
}

using Json = nlohmann::ordered_json;

Json JsonOf(const std::vector<models::SensitivityAt>& points) {
  Json json = Json::array();
  for (const auto& at : points) {
    json.push_back({{"false_positives", at.false_positives},
                    {"sensitivity", ToJson(at.sensitivity)},
                    {"score", Rounded(at.score)},
                    {"reached", at.reached}});
  }
  return json;
}

Json JsonOf(const std::vector<models::ReliabilityBin>& bins) {
  Json json = Json::array();
  for (const auto& bin : bins) {
    json.push_back({{"from", bin.low},
                    {"to", bin.high},
                    {"count", bin.count},
                    {"mean_probability", Rounded(bin.mean_probability)},
                    {"malignant", ToJson(bin.malignant)}});
  }
  return json;
}

Json JsonOf(const std::optional<double>& threshold) {
  return threshold ? Json(Rounded(*threshold)) : Json(nullptr);
}

Json JsonOf(const models::McNemarTest& test) {
  return {{"only_reader_right", test.only_first},
          {"only_model_right", test.only_second},
          {"p", test.p}};
}

Json JsonOf(const ReaderComparison& comparison) {
  Json json = {{"readers", Json::array()},
               {"mean",
                {{"acc", Rounded(comparison.mean_accuracy)},
                 {"tpr", Rounded(comparison.mean_sensitivity)},
                 {"tnr", Rounded(comparison.mean_specificity)}}},
               {"test", "McNemar, exact, two-sided, on the nodes that both judged"},
               {"rows_not_used", Json::array()}};
  for (const auto& reader : comparison.readers) {
    Json row = {{"reader", reader.reader},
                {"acc", ToJson(reader.figures.accuracy)},
                {"tpr", ToJson(reader.figures.sensitivity)},
                {"tnr", ToJson(reader.figures.specificity)}};
    if (reader.has_scores) {
      row["auc"] = ToJson(reader.figures.auc);
    }
    row["model_acc"] = ToJson(reader.model.accuracy);
    row["nodes_not_found_by_model"] = reader.not_found;
    row["mcnemar"] = JsonOf(reader.test);
    row["mcnemar_missed_as_benign"] = JsonOf(reader.missed_as_benign);
    json["readers"].push_back(std::move(row));
  }
  for (const auto& bad : comparison.bad) {
    json["rows_not_used"].push_back({{"line", bad.line}, {"reason", bad.reason}});
  }
  return json;
}

std::string Line(std::initializer_list<std::string> cells) {
  std::string line = "|";
  for (const auto& cell : cells) {
    line += " " + cell + " |";
  }
  return line + "\n";
}

std::string Head(std::initializer_list<std::string> cells) {
  std::string line = Line(cells) + "|";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += "---|";
  }
  return line + "\n";
}

std::string FrocTable(const EvaluationReport& report) {
  std::string text =
      "## FROC\n\nSensitivity at so many false positives, in brackets the 95% "
      "interval (bootstrap over patients). * : even the lowest score gives fewer.\n\n";
  const bool studies = !report.per_study.empty();
  text += studies ? Head({"false positives", "boxes, per slice", "nodes, per study"})
                  : Head({"false positives", "boxes, per slice"});
  for (std::size_t i = 0; i < report.per_slice.size(); ++i) {
    const auto cell = [](const models::SensitivityAt& at) {
      return IntervalText(at.sensitivity) + (at.reached ? "" : " *");
    };
    const auto& at = report.per_slice[i];
    const std::string rate = NumberText(at.false_positives, at.false_positives < 1 ? 3 : 0);
    text += studies ? Line({rate, cell(at), cell(report.per_study[i])}) : Line({rate, cell(at)});
  }
  return text + (studies ? "\nA node is found once a box matches it on any of its slices; a false "
                           "finding is counted once, however many slices it runs through.\n"
                         : "\nDrawn slices: what a whole study would give (`--whole-studies`) is "
                           "not measured.\n");
}

std::string Chosen(const models::ThresholdChoice& choice) {
  return choice.threshold ? NumberText(*choice.threshold) : "none";
}

std::string OperatingPoints(const EvaluationReport& report) {
  const auto& thresholds = report.thresholds;
  std::string text =
      "## Operating point\n\nThe package's thresholds: score >= " +
      NumberText(thresholds.detection_score) +
      ", probability >= " + NumberText(thresholds.malignant_probability) + " at temperature " +
      NumberText(thresholds.temperature, 2) + ". Chosen on: " + report.thresholds_chosen_on +
      ".\nOther rules, " +
      (report.choices_from.empty()
           ? std::string("read off the measured data themselves, which flatters them")
           : "chosen on " + report.choices_from) +
      "; figures on the measured data:\n\n" +
      Head({"detection", "score", "sensitivity", "precision", "false boxes a slice"});
  for (const auto& [choice, point] : report.detection_choices) {
    const double a_slice =
        static_cast<double>(point.false_positives) / std::max(1, report.answers.images);
    text += choice.threshold ? Line({choice.rule,
                                     Chosen(choice),
                                     NumberText(point.Recall()),
                                     NumberText(point.Precision()),
                                     NumberText(a_slice)})
                             : Line({choice.rule, "none", "", "", ""});
  }
  text += "\n" + Head({"malignancy", "probability", "ACC", "TPR", "TNR"});
  for (const auto& [choice, figures] : report.malignancy_choices) {
    text += choice.threshold ? Line({choice.rule,
                                     Chosen(choice),
                                     IntervalText(figures.accuracy),
                                     IntervalText(figures.sensitivity),
                                     IntervalText(figures.specificity)})
                             : Line({choice.rule, "none", "", "", ""});
  }
  return text;
}

std::string ReadersTable(const ReaderComparison& comparison) {
  std::string text =
      "## Readers\n\nEach against the model on the nodes that both judged; p: "
      "McNemar's exact test.\n\n" +
      Head({"reader", "ACC", "TPR", "TNR", "AUC", "model's ACC", "p", "missed"});
  for (const auto& reader : comparison.readers) {
    text += Line({Escaped(reader.reader),
                  IntervalText(reader.figures.accuracy),
                  IntervalText(reader.figures.sensitivity),
                  IntervalText(reader.figures.specificity),
                  reader.has_scores ? IntervalText(reader.figures.auc) : "",
                  IntervalText(reader.model.accuracy),
                  NumberText(reader.test.p, 4),
                  std::to_string(reader.not_found) + " (p " +
                      NumberText(reader.missed_as_benign.p, 4) + ")"});
  }
  text += Line({"mean",
                NumberText(comparison.mean_accuracy),
                NumberText(comparison.mean_sensitivity),
                NumberText(comparison.mean_specificity),
                "",
                "",
                "",
                ""});
  text +=
      "\n\"missed\": nodes that the detector did not find, and p with these as called benign.\n";
  if (!comparison.bad.empty()) {
    text += "\nRows that were not used:\n\n";
    for (const auto& bad : comparison.bad) {
      text += "- line " + std::to_string(bad.line) + ": " + bad.reason + "\n";
    }
  }
  return text;
}

std::string FiguresTable(const EvaluationReport& report) {
  const Figures& figures = report.figures;
  std::string text =
      Head({"detection", "", ""}) +
      Line({"AP50", IntervalText(figures.ap50), "bootstrap over patients"}) +
      Line({"AP50:95", NumberText(figures.ap50_95), ""}) +
      Line({"sensitivity per box", IntervalText(figures.recall), "Wilson"}) +
      Line({"precision per box", IntervalText(figures.precision), "Wilson"}) +
      Line({"sensitivity per node", IntervalText(figures.node_recall), "Wilson"}) +
      Line({"false boxes a slice", NumberText(figures.false_positives_per_slice), ""}) + "\n" +
      Head({"malignancy", "per detected box", "per detected node", ""});
  const auto& box = figures.per_box;
  const auto& node = figures.per_node;
  text += Line({"metastatic, benign",
                std::to_string(box.true_positives + box.false_negatives) + ", " +
                    std::to_string(box.true_negatives + box.false_positives),
                std::to_string(node.true_positives + node.false_negatives) + ", " +
                    std::to_string(node.true_negatives + node.false_positives),
                ""});
  text += Line({"ACC", IntervalText(box.accuracy), IntervalText(node.accuracy), "Wilson"});
  text += Line({"TPR", IntervalText(box.sensitivity), IntervalText(node.sensitivity), "Wilson"});
  text += Line({"TNR", IntervalText(box.specificity), IntervalText(node.specificity), "Wilson"});
  text += Line({"AUC", IntervalText(box.auc), IntervalText(node.auc), "DeLong"});
  text += Line({"ECE",
                NumberText(box.calibration_error) + " (uncalibrated " +
                    NumberText(report.uncalibrated_error) + ")",
                NumberText(node.calibration_error),
                "ten bins"});
  return text +
         "\nWilson's and DeLong's intervals take boxes as independent; several boxes of one "
         "patient "
         "are not, so that their true intervals are wider.\n";
}

std::string FrocText(const std::string& name, const std::vector<models::SensitivityAt>& points) {
  std::string text = "  " + name;
  for (const auto& at : points) {
    text += "  ";
    text += NumberText(at.sensitivity.value);
  }
  return text + "\n";
}

}  // namespace

std::string ToText(const EvaluationReport& report) {
  std::string text = "Package " + report.package + "\n";
  text += ToText(report.figures, report.answers, report.thresholds);
  text += "FROC: sensitivity at 1/8, 1/4, 1/2, 1, 2, 4, 8 false positives\n";
  text += FrocText("boxes, per slice", report.per_slice);
  if (!report.per_study.empty()) {
    text += FrocText("nodes, per study", report.per_study);
  }
  if (!report.readers) {
    return text;
  }
  text += "Readers (ACC, TPR, TNR; p of McNemar's exact test against the model)\n";
  for (const auto& reader : report.readers->readers) {
    text += "  " + reader.reader + "  " + NumberText(reader.figures.accuracy.value) + "  ";
    text += NumberText(reader.figures.sensitivity.value) + "  ";
    text += NumberText(reader.figures.specificity.value) + "  p " + NumberText(reader.test.p, 4);
    text += "\n";
  }
  text += "  mean  " + NumberText(report.readers->mean_accuracy) + "  ";
  text += NumberText(report.readers->mean_sensitivity) + "  ";
  text += NumberText(report.readers->mean_specificity) + "\n";
  for (const auto& bad : report.readers->bad) {
    text += "  not used: line " + std::to_string(bad.line) + ": " + bad.reason + "\n";
  }
  return text;
}

Json ToJson(const EvaluationReport& report) {
  Json json = {{"package", report.package}};
  json.update(ToJson(report.figures, report.answers, report.thresholds));
  json["froc"] = {{"interval", "95%, bootstrap over patients"},
                  {"per_slice", JsonOf(report.per_slice)}};
  if (!report.per_study.empty()) {
    json["froc"]["per_study"] = JsonOf(report.per_study);
  }
  json["calibration"] = {{"temperature", Rounded(report.thresholds.temperature)},
                         {"ece", Rounded(report.figures.per_box.calibration_error)},
                         {"ece_uncalibrated", Rounded(report.uncalibrated_error)},
                         {"bins", JsonOf(report.reliability)}};
  Json detection = Json::array();
  for (const auto& [choice, point] : report.detection_choices) {
    detection.push_back({{"rule", choice.rule},
                         {"score", JsonOf(choice.threshold)},
                         {"found", point.found},
                         {"false_positives", point.false_positives}});
  }
  Json malignancy = Json::array();
  for (const auto& [choice, figures] : report.malignancy_choices) {
    malignancy.push_back({{"rule", choice.rule},
                          {"probability", JsonOf(choice.threshold)},
                          {"acc", ToJson(figures.accuracy)},
                          {"tpr", ToJson(figures.sensitivity)},
                          {"tnr", ToJson(figures.specificity)}});
  }
  json["operating_point"] = {
      {"chosen_on", report.thresholds_chosen_on},
      {"alternatives_chosen_on",
       report.choices_from.empty() ? "the measured data" : report.choices_from},
      {"detection", std::move(detection)},
      {"malignancy", std::move(malignancy)}};
  if (report.readers) {
    json["readers"] = JsonOf(*report.readers);
  }
  return json;
}

std::string ToMarkdown(const EvaluationReport& report) {
  const Answers& answers = report.answers;
  std::string text =
      "# Evaluation of package " + report.package + "\n\nMeasured on " + answers.data + " (" +
      (answers.whole_studies ? "every labelled slice" : "drawn slices") +
      "): " + std::to_string(answers.patients) + " patients, " + std::to_string(answers.studies) +
      " studies, " + std::to_string(answers.images) + " slices (" +
      std::to_string(answers.images_with_nodes) + " with nodes), " +
      std::to_string(answers.truths.size()) + " boxes of " + std::to_string(answers.nodes.size()) +
      " nodes. In brackets 95% intervals. A box has found a node where their IoU is at least "
      "0.5.\n\n" +
      FiguresTable(report) + "\n" + FrocTable(report) +
      "\n![FROC](froc.png)\n\n![ROC](roc.png)\n\n" + OperatingPoints(report) +
      "\n## Calibration\n\n![reliability](reliability.png)\n";
  if (report.readers) {
    text += "\n" + ReadersTable(*report.readers);
  }
  return text;
}

}  // namespace necknode::training
