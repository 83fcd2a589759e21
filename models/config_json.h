#pragma once

#include <nlohmann/json_fwd.hpp>

#include "models/package.h"
#include "models/strict_json.h"

namespace necknode::models {

/// What a network is built from, and what its images go through, as manifests and training records
/// have it.
[[nodiscard]] nlohmann::ordered_json ToJson(const DetectorConfig& config);
[[nodiscard]] nlohmann::ordered_json ToJson(const ClassifierConfig& config);
[[nodiscard]] nlohmann::ordered_json ToJson(const Preprocessing& preprocessing);

/// The other way, with CheckConfig; the caller asks `object` for what else it holds and ends it
/// with Finish(). Throw Error(kModel) naming the key, its value and what is expected.
[[nodiscard]] DetectorConfig ReadDetectorConfig(StrictObject& object);
[[nodiscard]] ClassifierConfig ReadClassifierConfig(StrictObject& object);
[[nodiscard]] Preprocessing ReadPreprocessing(StrictObject& object);

}  // namespace necknode::models
