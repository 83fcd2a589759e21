#include "models/import_package.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "models/classifier.h"
#include "models/detector.h"

namespace necknode::models {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

ImportReport Import(torch::nn::Module& network, const fs::path& from, const fs::path& to) {
  const SafetensorsFile file(from);
  ImportReport report;
  try {
    report = ImportWeights(network, file);
  } catch (const Error& e) {
    throw Error(e.code(), from.string() + ": " + e.what());
  }
  SaveModule(network, to);
  return report;
}

Json RecordOf(const fs::path& from, const ImportReport& report) {
  return {{"imported_from", from.filename().string()},
          {"sha256", DigestOfFile(from)},
          {"taken", report.taken.size()},
          {"adapted", report.adapted},
          {"initialised", report.initialised.size()},
          {"dropped", report.dropped.size()}};
}

}  // namespace

ImportReport ImportDetector(const fs::path& from,
                            const DetectorConfig& config,
                            std::uint64_t seed,
                            const fs::path& to) {
  torch::manual_seed(seed);
  return Import(*MakeDetector(config), from, to);
}

ImportReport ImportClassifier(const fs::path& from,
                              const ClassifierConfig& config,
                              std::uint64_t seed,
                              const fs::path& to) {
  torch::manual_seed(seed);
  return Import(*MakeClassifier(config), from, to);
}

ImportedPackage ImportPackage(const fs::path& detector,
                              const fs::path& classifier,
                              std::uint64_t seed,
                              Package package) {
  if (fs::exists(package.folder))
    throw Error(ErrorCode::kConflict, package.folder.string() + " exists already");
  fs::create_directories(package.folder);
  ImportedPackage imported;
  imported.detector =
      ImportDetector(detector, package.detector, seed, package.folder / kDetectorFile);
  imported.classifier =
      ImportClassifier(classifier, package.classifier, seed, package.folder / kClassifierFile);
  package.clinical = false;
  package.warning = kNonClinicalWarning;
  package.intended_use.text =
      "Start of a training: weights made for other images, new heads. Finds no lymph nodes.";
  package.figures_json = "{}";
  package.training_json = Json{{"detector", RecordOf(detector, imported.detector)},
                               {"classifier", RecordOf(classifier, imported.classifier)}}
                              .dump();
  imported.package = WritePackage(package);
  return imported;
}

}  // namespace necknode::models
