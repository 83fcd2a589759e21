#include "training/make_package.h"

#include "core/error.h"
#include "models/classifier.h"
#include "models/detector.h"
#include "models/safetensors.h"
#include "models/staged_folder.h"
#include "training/ancestry.h"
#include "training/patient_set.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

struct Record {
  Json network, preprocessing, training;
};

Record RecordBeside(const std::filesystem::path& weights) {
  auto path = weights;
  path.replace_extension(".json");
  const Json json = ReadJson(path);
  for (const char* part : {"network", "preprocessing", "training"}) {
    if (!json.contains(part)) {
      throw Error(ErrorCode::kModel, path.string() + ": no " + part);
    }
  }
  return {json["network"], json["preprocessing"], json["training"]};
}

bool TrainedOnPhantoms(const Record& record) {
  const Json& data = record.training.at("data");
  return data.at("kind").get<std::string>() == "phantom" || data.value("phantoms", 0) > 0;
}

void CheckPatients(const OpenedData& validation, const OpenedData& test, const SeenPatients& seen) {
  RequireApart(validation.Patients(), "validation", seen.training, "training");
  RequireApart(test.Patients(), "test", seen.training, "training");
  RequireApart(test.Patients(), "test", seen.validation, "validation");
  RequireApart(test.Patients(), "test", validation.Patients(), "validation");
}

Answers Ask(const models::Package& package,
            const OpenedData& data,
            const EvaluationData& how,
            const EvaluationProgress& progress) {
  if (data.source.phantom) {
    EvaluationData phantoms = how;
    phantoms.seeds = data.source.seeds;
    return AskPackage(package, phantoms, progress);
  }
  EvaluationOptions options;
  options.slices = how.slices;
  options.device = how.device;
  return AskPackage(package, *data.studies, options, progress);
}

Json DescriptionOf(const OpenedData& data, int slices) {
  if (data.source.phantom) {
    return {{"kind", "phantom"}, {"seeds", data.source.seeds.ToString()}, {"slices", slices}};
  }
  Json json = data.folder->Record();
  json["part"] = ToString(data.source.part);
  json["slices"] = slices;
  return json;
}

models::Package Begin(const PackageRequest& request,
                      const Record& detector,
                      const Record& classifier,
                      const std::filesystem::path& folder) {
  models::Package package;
  package.folder = folder;
  package.name = request.name;
  package.version = request.version;
  package.manufacturer = "necknode";
  const bool phantoms = TrainedOnPhantoms(detector) || TrainedOnPhantoms(classifier);
  package.warning = phantoms ? models::kPhantomWarning : models::kNonClinicalWarning;
  package.detector = DetectorConfigFrom(detector.network);
  package.classifier = ClassifierConfigFrom(classifier.network);
  package.preprocessing = PreprocessingFrom(detector.preprocessing);
  package.detector_weights = package.folder / models::kDetectorFile;
  package.classifier_weights = package.folder / models::kClassifierFile;
  package.intended_use.text =
      phantoms
          ? "Trial of the software on synthetic contrast-enhanced neck CT. Trained on phantoms; "
            "not for diagnosis."
          : "Research on contrast-enhanced neck CT like the data that it was trained on. Not "
            "cleared; not for diagnosis.";
  package.training_json =
      Json{{"detector", detector.training}, {"classifier", classifier.training}}.dump();
  package.figures_json = Json::object().dump();
  return package;
}

/// Loads float32 weights into the network they are for and stores them as float16.
void StoreHalf(torch::nn::Module& network,
               const std::filesystem::path& from,
               const std::filesystem::path& to) {
  models::LoadModule(network, from);
  models::SaveModule(network, to, torch::kFloat16);
}

}  // namespace

models::Package MakePackage(
    const PackageRequest& request,
    const std::function<void(const std::string& stage, int done, int of)>& progress) {
  const Record detector = RecordBeside(request.detector);
  const Record classifier = RecordBeside(request.classifier);
  if (detector.preprocessing != classifier.preprocessing) {
    throw Error(ErrorCode::kInvalidArgument, "detector and classifier differ in preprocessing");
  }
  DataOpener opener(request.open);
  const auto text = [&](const std::string& own) { return own.empty() ? request.data : own; };
  const auto validation =
      opener.Open(text(request.validation_data), request.validation.seeds, DataPart::kValidation);
  const auto test = opener.Open(text(request.test_data), request.test.seeds, DataPart::kTest);
  CheckPatients(validation, test, SeenBy(request.detector, detector.training));
  CheckPatients(validation, test, SeenBy(request.classifier, classifier.training));
  models::StagedFolder staging(request.out / request.name / request.version);
  models::Package package = Begin(request, detector, classifier, staging.folder());
  StoreHalf(*models::MakeDetector(package.detector), request.detector, package.detector_weights);
  StoreHalf(
      *models::MakeClassifier(package.classifier), request.classifier, package.classifier_weights);

  const auto stage = [&](const std::string& name) {
    return [&progress, name](int done, int of) {
      if (progress) {
        progress(name, done, of);
      }
    };
  };
  const auto chosen_on = Ask(package, validation, request.validation, stage("validate"));
  const Thresholds thresholds = ChooseThresholds(chosen_on);
  package.detection_score = thresholds.detection_score;
  package.temperature = thresholds.temperature;
  package.malignant_probability = thresholds.malignant_probability;
  package.indeterminate_low = thresholds.malignant_probability;
  package.indeterminate_high = thresholds.malignant_probability;

  const auto measured_on = Ask(package, test, request.test, stage("measure"));
  Json figures = ToJson(Measure(measured_on, thresholds), measured_on, thresholds);
  figures["thresholds_chosen_on"] = DescriptionOf(validation, chosen_on.images);
  package.figures_json = figures.dump();
  package = models::WritePackage(package);
  staging.MoveToPlace();
  return models::LoadPackage(request.out / request.name / request.version);
}

}  // namespace necknode::training
