#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "models/metrics.h"

namespace necknode::training {

/// Four decimals: figures carry no more digits than their intervals allow.
[[nodiscard]] double Rounded(double value);
/// {"value", "low", "high"}; value null where the figure does not exist.
[[nodiscard]] nlohmann::ordered_json ToJson(const models::Interval& interval);
/// Counts, acc, tpr, tnr, auc, ece.
[[nodiscard]] nlohmann::ordered_json ToJson(const models::ClassifierFigures& figures);

/// "0.842 (0.741 to 0.902)"; "-" where the figure does not exist.
[[nodiscard]] std::string IntervalText(const models::Interval& interval);
/// `value` with so many decimals; "-" where there is none (NaN).
[[nodiscard]] std::string NumberText(double value, int decimals = 3);
/// "phantom" or "folder", what a LabelledStudies::Description tells.
[[nodiscard]] std::string KindOf(const std::string& data);

}  // namespace necknode::training
