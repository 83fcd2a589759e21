#pragma once

#include <chrono>
#include <string>

#include "storage/catalog.h"
#include "storage/connections.h"

namespace necknode::storage {

/// Selects status and row of studies that meet `condition`, which has the values' places in it.
/// ReadSummary reads a row.
[[nodiscard]] std::string SelectSummaries(const std::string& condition);
/// Binds what every such query begins with.
void BindStatus(Statement& query, const Stamp& stamp, std::chrono::milliseconds quiet_time);
/// Status and row only; FillSummary reads the rest.
[[nodiscard]] StudySummary ReadSummary(Statement& from, const Stamp& stamp);
void FillSummary(Database& database, StudySummary& summary);

}  // namespace necknode::storage
