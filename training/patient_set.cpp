#include "training/patient_set.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

Json ToJson(const PatientSet& set) {
  if (set.seeds) {
    return {{"phantom_seeds", set.seeds->ToString()}};
  }
  return {{"patients", set.ids}};
}

PatientSet SetFrom(const Json& json) {
  PatientSet set;
  if (json.contains("phantom_seeds")) {
    set.seeds = ParsePhantomData("phantom:" + json["phantom_seeds"].get<std::string>(), {});
  } else {
    set.ids = json.at("patients").get<std::set<std::string>>();
  }
  return set;
}

std::filesystem::path FileBeside(const std::filesystem::path& weights) {
  auto path = weights;
  return path.replace_extension(".patients.json");
}

}  // namespace

void RequireApart(const PatientSet& a,
                  const std::string& role,
                  const PatientSet& b,
                  const std::string& other_role) {
  if (a.seeds && b.seeds && a.seeds->first <= b.seeds->last && b.seeds->first <= a.seeds->last) {
    throw Error(ErrorCode::kInvalidArgument,
                "seeds of " + role + " (" + a.seeds->ToString() + ") and " + other_role + " (" +
                    b.seeds->ToString() + ") overlap");
  }
  const auto common = std::count_if(
      a.ids.begin(), a.ids.end(), [&](const std::string& id) { return b.ids.contains(id); });
  if (common > 0) {
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(common) + " patients are in both " + role + " and " + other_role);
  }
}

std::optional<SeenPatients> SeenPhantoms(const Json& training) {
  const Json data = training.value("data", Json::object());
  if (data.value("kind", "") != "phantom") {
    return std::nullopt;
  }
  const auto seeds_of = [&](const char* name) {
    if (!data.contains(name) || !data[name].is_string()) {
      throw Error(ErrorCode::kModel, std::string("a training record has no ") + name);
    }
    return SetFrom({{"phantom_seeds", data[name]}});
  };
  return SeenPatients{seeds_of("seeds"), seeds_of("validation_seeds")};
}

void WriteSeenPatients(const std::filesystem::path& weights, const SeenPatients& seen) {
  WriteJson(FileBeside(weights),
            {{"note", "holds patient ids: keep it where the images are kept"},
             {"training", ToJson(seen.training)},
             {"validation", ToJson(seen.validation)}});
}

SeenPatients ReadSeenPatients(const std::filesystem::path& weights) {
  const auto path = FileBeside(weights);
  const Json json = ReadJson(path);
  try {
    return {SetFrom(json.at("training")), SetFrom(json.at("validation"))};
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kModel, path.string() + " is not a list of patients: " + error.what());
  }
}

}  // namespace necknode::training
