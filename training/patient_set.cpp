#include "training/patient_set.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "training/training_record.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

Json ToJson(const PatientSet& set) {
  Json json = {{"phantom_seeds", Json::array()}, {"patients", set.ids}};
  for (const SeedRange& seeds : set.seeds) {
    json["phantom_seeds"].push_back(seeds.ToString());
  }
  return json;
}

SeedRange SeedsFrom(const Json& text) {
  return ParsePhantomData("phantom:" + text.get<std::string>(), {});
}

/// Files made before several ranges were possible have one range, or ids, and not both keys.
PatientSet SetFrom(const Json& json) {
  PatientSet set;
  const Json seeds = json.value("phantom_seeds", Json::array());
  for (const Json& range : seeds.is_array() ? seeds : Json::array({seeds})) {
    set.seeds.push_back(SeedsFrom(range));
  }
  set.ids = json.value("patients", std::set<std::string>());
  return set;
}

std::filesystem::path FileBeside(const std::filesystem::path& weights) {
  auto path = weights;
  return path.replace_extension(".patients.json");
}

}  // namespace

void PatientSet::Add(const PatientSet& others) {
  seeds.insert(seeds.end(), others.seeds.begin(), others.seeds.end());
  ids.insert(others.ids.begin(), others.ids.end());
}

void SeenPatients::Add(const SeenPatients& others) {
  training.Add(others.training);
  validation.Add(others.validation);
}

void RequireApart(const PatientSet& a,
                  const std::string& role,
                  const PatientSet& b,
                  const std::string& other_role) {
  for (const SeedRange& ours : a.seeds) {
    for (const SeedRange& theirs : b.seeds) {
      if (ours.first <= theirs.last && theirs.first <= ours.last) {
        throw Error(ErrorCode::kInvalidArgument,
                    "seeds of " + role + " (" + ours.ToString() + ") and " + other_role + " (" +
                        theirs.ToString() + ") overlap");
      }
    }
  }
  const auto common = std::count_if(
      a.ids.begin(), a.ids.end(), [&](const std::string& id) { return b.ids.contains(id); });
  if (common > 0) {
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(common) + " patients are in both " + role + " and " + other_role);
  }
}

SeenPatients SeenPhantoms(const Json& training) {
  SeenPatients seen;
  if (const auto start = training.find("started_from");
      start != training.end() && start->is_object() && start->contains("training")) {
    seen = SeenPhantoms(start->at("training"));
  }
  const Json data = training.value("data", Json::object());
  if (!data.contains("seeds") && data.value("kind", "") != "phantom") {
    return seen;
  }
  const auto seeds_of = [&](const char* name) {
    if (!data[name].is_string()) {
      throw Error(ErrorCode::kModel, std::string("a training record has no ") + name);
    }
    return PatientSet{{SeedsFrom(data[name])}, {}};
  };
  seen.Add({seeds_of("seeds"), {}});
  if (data.contains("validation_seeds")) {  // else a folder validated it
    seen.Add({{}, seeds_of("validation_seeds")});
  }
  return seen;
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
