#include "training/make_package.h"

#include "core/error.h"
#include "models/classifier.h"
#include "models/detector.h"
#include "models/safetensors.h"
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

/// Seeds as the record names them, "A-B".
SeedRange SeedsOf(const Record& record, const char* name) {
  return ParsePhantomData("phantom:" + record.training.at("data").at(name).get<std::string>(), {});
}

void CheckApart(const SeedRange& a,
                const std::string& what,
                const SeedRange& b,
                const std::string& other) {
  if (a.first <= b.last && b.first <= a.last) {
    throw Error(ErrorCode::kInvalidArgument,
                "seeds of " + what + " (" + a.ToString() + ") and " + other + " (" + b.ToString() +
                    ") overlap");
  }
}

void CheckSeeds(const PackageRequest& request, const Record& record) {
  const auto trained = SeedsOf(record, "seeds");
  CheckApart(request.validation.seeds, "validation", trained, "training");
  CheckApart(request.test.seeds, "test", trained, "training");
  CheckApart(request.test.seeds, "test", SeedsOf(record, "validation_seeds"), "validation");
  CheckApart(request.test.seeds, "test", request.validation.seeds, "validation");
}

models::Package Begin(const PackageRequest& request,
                      const Record& detector,
                      const Record& classifier) {
  models::Package package;
  package.folder = request.out / request.name / request.version;
  package.name = request.name;
  package.version = request.version;
  package.manufacturer = "necknode";
  package.warning = models::kPhantomWarning;
  package.detector = DetectorConfigFrom(detector.network);
  package.classifier = ClassifierConfigFrom(classifier.network);
  package.preprocessing = PreprocessingFrom(detector.preprocessing);
  package.detector_weights = package.folder / models::kDetectorFile;
  package.classifier_weights = package.folder / models::kClassifierFile;
  package.intended_use.text =
      "Trial of the software on synthetic contrast-enhanced neck CT. Trained on phantoms alone; "
      "not "
      "for diagnosis.";
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
  CheckSeeds(request, detector);
  CheckSeeds(request, classifier);
  models::Package package = Begin(request, detector, classifier);
  std::filesystem::create_directories(package.folder);
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
  const auto chosen_on = AskPackage(package, request.validation, stage("validate"));
  const Thresholds thresholds = ChooseThresholds(chosen_on);
  package.detection_score = thresholds.detection_score;
  package.temperature = thresholds.temperature;
  package.malignant_probability = thresholds.malignant_probability;
  package.indeterminate_low = thresholds.malignant_probability;
  package.indeterminate_high = thresholds.malignant_probability;

  const auto measured_on = AskPackage(package, request.test, stage("measure"));
  Json figures = ToJson(Measure(measured_on, thresholds), measured_on, thresholds);
  figures["thresholds_chosen_on"] = {{"kind", "phantom"},
                                     {"seeds", request.validation.seeds.ToString()},
                                     {"slices", chosen_on.images}};
  package.figures_json = figures.dump();
  return models::WritePackage(package);
}

}  // namespace necknode::training
