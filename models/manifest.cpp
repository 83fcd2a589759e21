#include "models/manifest.h"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "models/config_json.h"
#include "models/strict_json.h"

namespace necknode::models {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr std::size_t kMaxName = 64;  // VR LO

void CheckCharacters(const StrictObject& object,
                     const char* key,
                     const std::string& text,
                     std::string_view allowed) {
  const auto good = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           allowed.find(c) != std::string_view::npos;
  };
  const bool starts_well = !text.empty() && text.front() != '.' && text.front() != '-';
  if (!starts_well || !std::all_of(text.begin(), text.end(), good)) {
    object.Refuse(key,
                  "lower-case letters, digits and " + std::string(allowed) +
                      ", beginning with neither . nor -");
  }
}

std::string Digest(StrictObject& object) {
  constexpr const char* kKey = "sha256";
  std::string digest = object.Text(kKey, 64);
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (digest.size() != 64 || !std::all_of(digest.begin(), digest.end(), hex)) {
    object.Refuse(kKey, "64 lower-case hex digits");
  }
  return digest;
}

/// The config of a network, then the digest of its weights.
template <typename Config>
Config ReadNetwork(StrictObject object, Config (*read)(StrictObject&), std::string& digest) {
  Config config = read(object);
  digest = Digest(object);
  object.Finish();
  return config;
}

template <typename Config>
Json WriteNetwork(const Config& config, const std::string& digest) {
  Json json = ToJson(config);
  json["sha256"] = digest;
  return json;
}

void ReadThresholds(StrictObject object, Package& package) {
  package.detection_score = object.Number("detection_score", 0.001, 0.999);
  package.malignant_probability = object.Number("malignant_probability", 0.001, 0.999);
  package.indeterminate_low = object.Number("indeterminate_low", 0, 1);
  package.indeterminate_high = object.Number("indeterminate_high", 0, 1);
  if (package.indeterminate_high < package.indeterminate_low) {
    object.Refuse("indeterminate_high",
                  "at least indeterminate_low, " + Json(package.indeterminate_low).dump());
  }
  object.Finish();
}

IntendedUse ReadIntendedUse(StrictObject object) {
  IntendedUse use;
  use.text = object.Text("text", 2000);
  if (use.text.empty())
    object.Refuse("text", "a sentence");
  use.min_slice_thickness_mm = object.Number("min_slice_thickness_mm", 0, 20);
  use.max_slice_thickness_mm =
      object.Number("max_slice_thickness_mm", use.min_slice_thickness_mm, 20);
  use.min_pixel_spacing_mm = object.Number("min_pixel_spacing_mm", 0.05, 5);
  use.max_pixel_spacing_mm = object.Number("max_pixel_spacing_mm", use.min_pixel_spacing_mm, 5);
  use.needs_contrast = object.Flag("needs_contrast");
  use.allows_lossy = object.Flag("allows_lossy");
  use.min_age_years = object.Integer("min_age_years", 0, 120);
  object.Finish();
  return use;
}

Json WriteIntendedUse(const IntendedUse& use) {
  return {{"text", use.text},
          {"min_slice_thickness_mm", use.min_slice_thickness_mm},
          {"max_slice_thickness_mm", use.max_slice_thickness_mm},
          {"min_pixel_spacing_mm", use.min_pixel_spacing_mm},
          {"max_pixel_spacing_mm", use.max_pixel_spacing_mm},
          {"needs_contrast", use.needs_contrast},
          {"allows_lossy", use.allows_lossy},
          {"min_age_years", use.min_age_years}};
}

/// A package without clinical clearance carries one of the two warnings; one with it carries none.
void ReadClearance(StrictObject& object, Package& package) {
  package.clinical = object.Flag("clinical");
  package.warning = object.Text("warning", kMaxName);
  if (package.clinical && !package.warning.empty())
    object.Refuse("warning", "\"\" where clinical is true");
  if (!package.clinical && package.warning != kPhantomWarning &&
      package.warning != kNonClinicalWarning) {
    object.Refuse("warning",
                  "\"" + std::string(kPhantomWarning) + "\" or \"" + kNonClinicalWarning +
                      "\" where clinical is false");
  }
}

std::string RecordText(const std::string& json, const char* what) {
  return json.empty() ? "{}" : ParseStrictJson(json, what).dump();
}

}  // namespace

Package ParseManifest(const std::string& text, WeightDigests& digests) {
  const nlohmann::json json = ParseStrictJson(text, kManifestFile);
  StrictObject top(json, "");
  (void)top.Integer("format", kFormat, kFormat);
  Package package;
  package.name = top.Text("name", kMaxName);
  CheckCharacters(top, "name", package.name, "-_");
  package.version = top.Text("version", 16);
  CheckCharacters(top, "version", package.version, ".-");
  package.manufacturer = top.Text("manufacturer", kMaxName);
  ReadClearance(top, package);
  package.detector = ReadNetwork(top.Object("detector"), ReadDetectorConfig, digests.detector);
  package.classifier =
      ReadNetwork(top.Object("classifier"), ReadClassifierConfig, digests.classifier);
  StrictObject preprocessing = top.Object("preprocessing");
  package.preprocessing = ReadPreprocessing(preprocessing);
  preprocessing.Finish();
  ReadThresholds(top.Object("thresholds"), package);
  StrictObject calibration = top.Object("calibration");
  package.temperature = calibration.Number("temperature", 0.01, 100);
  calibration.Finish();
  package.intended_use = ReadIntendedUse(top.Object("intended_use"));
  package.figures_json = top.RawObject("figures");
  StrictObject training = top.Object("training");
  for (const char* network : {"detector", "classifier"}) {
    if (training.Has(network))
      (void)training.RawObject(network);
  }
  package.training_json = top.RawObject("training");
  top.Finish();
  return package;
}

std::string ManifestText(const Package& package, const WeightDigests& digests) {
  Json json = {{"format", kFormat},
               {"name", package.name},
               {"version", package.version},
               {"manufacturer", package.manufacturer},
               {"clinical", package.clinical},
               {"warning", package.warning},
               {"detector", WriteNetwork(package.detector, digests.detector)},
               {"classifier", WriteNetwork(package.classifier, digests.classifier)},
               {"preprocessing", ToJson(package.preprocessing)},
               {"thresholds",
                {{"detection_score", package.detection_score},
                 {"malignant_probability", package.malignant_probability},
                 {"indeterminate_low", package.indeterminate_low},
                 {"indeterminate_high", package.indeterminate_high}}},
               {"calibration", {{"temperature", package.temperature}}},
               {"intended_use", WriteIntendedUse(package.intended_use)}};
  json["figures"] = Json::parse(RecordText(package.figures_json, "figures"));
  json["training"] = Json::parse(RecordText(package.training_json, "training"));
  return json.dump(2) + "\n";
}

}  // namespace necknode::models
