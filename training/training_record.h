#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

#include "models/package.h"
#include "training/run_training.h"

namespace necknode::training {

[[nodiscard]] nlohmann::ordered_json ToJson(const models::DetectorConfig& config);
[[nodiscard]] nlohmann::ordered_json ToJson(const models::ClassifierConfig& config);
[[nodiscard]] nlohmann::ordered_json ToJson(const models::Preprocessing& preprocessing);
/// Options, data (TrainingSets::Record), augmentation, software, device and last report of a run,
/// whose seconds are those of all processes that worked on it.
[[nodiscard]] nlohmann::ordered_json RecordOf(const TrainingRequest& request,
                                              nlohmann::ordered_json data,
                                              const models::TrainingReport& last);

/// The other way. Throw Error(kModel) naming a missing or mistyped field.
[[nodiscard]] models::DetectorConfig DetectorConfigFrom(const nlohmann::ordered_json& json);
[[nodiscard]] models::ClassifierConfig ClassifierConfigFrom(const nlohmann::ordered_json& json);
[[nodiscard]] models::Preprocessing PreprocessingFrom(const nlohmann::ordered_json& json);

/// Reads a JSON file. Throws Error(kNotFound), Error(kModel).
[[nodiscard]] nlohmann::ordered_json ReadJson(const std::filesystem::path& path);
/// Writes `json`, indented, through a models::ReplacedFile.
void WriteJson(const std::filesystem::path& path, const nlohmann::ordered_json& json);

}  // namespace necknode::training
