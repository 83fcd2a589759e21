#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

#include "models/package.h"
#include "training/run_training.h"

namespace necknode::training {

/// Options, data (TrainingSets::Record), augmentation, what it started from (Ancestor::record),
/// software, device and last report of a run, whose seconds are those of all processes that worked
/// on it.
[[nodiscard]] nlohmann::ordered_json RecordOf(const TrainingRequest& request,
                                              nlohmann::ordered_json data,
                                              nlohmann::ordered_json started_from,
                                              const models::TrainingReport& last);

/// Parts of a record that models/config_json.h wrote. Throw Error(kModel) naming the field that is
/// missing, unknown or out of range.
[[nodiscard]] models::DetectorConfig DetectorConfigFrom(const nlohmann::ordered_json& json);
[[nodiscard]] models::ClassifierConfig ClassifierConfigFrom(const nlohmann::ordered_json& json);
[[nodiscard]] models::Preprocessing PreprocessingFrom(const nlohmann::ordered_json& json);

/// Makes the folder where it is absent. Throws Error(kStorageFailed) where files cannot be made in
/// it.
void RequireWritable(const std::filesystem::path& folder);
/// Reads a JSON file. Throws Error(kNotFound), Error(kModel).
[[nodiscard]] nlohmann::ordered_json ReadJson(const std::filesystem::path& path);
/// Writes `json`, indented, through a models::ReplacedFile.
void WriteJson(const std::filesystem::path& path, const nlohmann::ordered_json& json);

}  // namespace necknode::training
