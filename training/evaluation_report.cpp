#include "training/evaluation_report.h"

#include <utility>

#include "core/error.h"
#include "models/replaced_file.h"
#include "training/report_plots.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

std::string ChosenOn(const models::Package& package) {
  const auto figures = nlohmann::json::parse(package.figures_json, nullptr, false);
  if (!figures.is_object() || !figures.contains("thresholds_chosen_on")) {
    return "not stated by the package";
  }
  const auto& chosen = figures["thresholds_chosen_on"];
  std::string text = chosen.value("kind", std::string("data"));
  if (chosen.contains("seeds")) {
    text += " seeds " + chosen["seeds"].get<std::string>();
  }
  if (chosen.contains("slices")) {
    text += ", " + std::to_string(chosen["slices"].get<int>()) + " slices";
  }
  return text;
}

std::vector<std::int64_t> ImagesOfPatients(const Answers& answers) {
  std::vector<std::int64_t> images(static_cast<std::size_t>(answers.patients), 0);
  for (const auto& place : answers.places) {
    const int patient = answers.patient_of_study[static_cast<std::size_t>(place.study)];
    ++images[static_cast<std::size_t>(patient)];
  }
  return images;
}

std::vector<std::int64_t> StudiesOfPatients(const Answers& answers) {
  std::vector<std::int64_t> studies(static_cast<std::size_t>(answers.patients), 0);
  for (const int patient : answers.patient_of_study) {
    ++studies[static_cast<std::size_t>(patient)];
  }
  return studies;
}

void FillCurves(EvaluationReport& report) {
  const Answers& answers = report.answers;
  const auto matches = models::MatchBoxesToTruth(answers.scored, answers.truths, kMatchIou);
  report.froc_slices = models::FrocOfImages(matches, answers.truths, ImagesOfPatients(answers));
  report.per_slice = models::SensitivitiesAt(
      report.froc_slices, models::kFrocRates, kBootstrapRounds, kBootstrapSeed);
  if (answers.whole_studies) {
    report.froc_studies = models::FrocOfStudies(answers.scored,
                                                answers.truths,
                                                answers.node,
                                                answers.places,
                                                StudiesOfPatients(answers),
                                                kMatchIou);
    report.per_study = models::SensitivitiesAt(
        report.froc_studies, models::kFrocRates, kBootstrapRounds, kBootstrapSeed);
  }
  report.roc_boxes = models::RocOf(report.judged.boxes);
  report.roc_nodes = models::RocOf(report.judged.nodes);
}

void FillChoices(EvaluationReport& report, const Answers& chosen_on) {
  const Answers& answers = report.answers;
  const auto matches = models::MatchBoxesToTruth(answers.scored, answers.truths, kMatchIou);
  const auto truths = std::ssize(answers.truths);
  const auto there = models::MatchBoxesToTruth(chosen_on.scored, chosen_on.truths, kMatchIou);
  for (auto& choice :
       models::DetectionChoices(there, std::ssize(chosen_on.truths), chosen_on.images)) {
    const auto point = models::PointAt(matches, truths, choice.threshold.value_or(1));
    report.detection_choices.push_back({std::move(choice), point});
  }
  const auto judged = JudgedAt(chosen_on, report.thresholds.detection_score);
  const double temperature = report.thresholds.temperature;
  for (auto& choice : models::MalignancyChoices(judged.boxes, temperature)) {
    const auto figures =
        models::JudgeClassifier(report.judged.boxes, temperature, choice.threshold.value_or(1));
    report.malignancy_choices.push_back({std::move(choice), figures});
  }
}

}  // namespace

EvaluationReport MakeReport(const models::Package& package,
                            Answers answers,
                            const Answers* chosen_on,
                            const ReaderFile* readers) {
  EvaluationReport report;
  report.package = package.name + " " + package.version;
  report.thresholds = {package.detection_score, package.temperature, package.malignant_probability};
  report.thresholds_chosen_on = ChosenOn(package);
  report.answers = std::move(answers);
  report.figures = Measure(report.answers, report.thresholds);
  report.judged = JudgedAt(report.answers, report.thresholds.detection_score);
  report.reliability = models::ReliabilityOf(report.judged.boxes, report.thresholds.temperature);
  report.uncalibrated_error = models::ExpectedCalibrationError(report.judged.boxes, 1);
  FillCurves(report);
  report.choices_from = chosen_on != nullptr ? chosen_on->data : "";
  FillChoices(report, chosen_on != nullptr ? *chosen_on : report.answers);
  if (readers != nullptr) {
    report.readers = CompareWithReaders(*readers, report.answers, report.thresholds);
  }
  return report;
}

void WriteReport(const EvaluationReport& report, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw Error(ErrorCode::kStorageFailed,
                "'" + folder.string() + "' cannot be made: " + error.message());
  }
  WriteJson(folder / "report.json", ToJson(report));
  models::ReplaceFile(folder / "report.md", ToMarkdown(report));
  DrawRoc(report, folder / "roc.png");
  DrawFroc(report, folder / "froc.png");
  DrawReliability(report, folder / "reliability.png");
}

}  // namespace necknode::training
