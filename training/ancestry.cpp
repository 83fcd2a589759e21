#include "training/ancestry.h"

#include "core/error.h"
#include "models/package.h"
#include "models/safetensors.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

fs::path Beside(fs::path weights, const char* extension) {
  return weights.replace_extension(extension);
}

bool HasPatients(const fs::path& weights) { return fs::exists(Beside(weights, ".patients.json")); }

/// The training record of weights, or nothing.
Json TrainingOf(const fs::path& weights, const std::string& network) {
  if (const auto own = Beside(weights, ".json"); fs::exists(own)) {
    return ReadJson(own).value("training", Json::object());
  }
  if (const auto manifest = weights.parent_path() / models::kManifestFile; fs::exists(manifest)) {
    return ReadJson(manifest).value("training", Json::object()).value(network, Json::object());
  }
  return Json::object();
}

}  // namespace

SeenPatients SeenBy(const fs::path& weights, const Json& training) {
  const bool phantoms =
      training.value("data", Json::object()).value("kind", std::string()) == "phantom";
  return HasPatients(weights) || !phantoms ? ReadSeenPatients(weights) : SeenPhantoms(training);
}

void RequireUnseen(const Json& training, const OpenedData& data, const std::string& role) {
  const SeenPatients seen = SeenPhantoms(training);
  RequireApart(data.Patients(), "--data", seen.training, "training of " + role);
  RequireApart(data.Patients(), "--data", seen.validation, "validation of " + role);
  if (data.folder == nullptr) {
    return;
  }
  const Json its = data.folder->Record();
  const auto annotations = its.at("annotations_sha256").get<std::string>();
  const auto split = its.at("split").at("sha256").get<std::string>();
  const Json used = training.value("data", Json::object());
  for (const Json& side : {used, used.value("validation", Json::object())}) {
    if (side.value("annotations_sha256", "") != annotations) {
      continue;
    }
    const bool other_part =
        data.source.part != DataPart::kAll && side.value("part", "") != ToString(data.source.part);
    if (side.value("split", Json::object()).value("sha256", "") != split ||
        side.value("part", "") == ToString(DataPart::kAll) || !other_part) {
      throw Error(ErrorCode::kInvalidArgument,
                  role + " has seen patients of --data: it was trained or validated on part '" +
                      side.value("part", "") +
                      "' of the same annotations, and of the same split only another part may be "
                      "measured");
    }
  }
}

Ancestor AncestorOf(const fs::path& start_from, const std::string& network) {
  if (start_from.empty()) {
    return {"random weights", {}};
  }
  const Json training = TrainingOf(start_from, network);
  Ancestor ancestor{{{"sha256", models::DigestOfFile(start_from)}}, {}};
  if (!training.empty()) {
    ancestor.record["training"] = training;
  }
  ancestor.seen = HasPatients(start_from) ? ReadSeenPatients(start_from) : SeenPhantoms(training);
  return ancestor;
}

}  // namespace necknode::training
