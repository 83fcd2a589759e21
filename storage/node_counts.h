#pragma once

#include "storage/catalog.h"
#include "storage/connections.h"

namespace necknode::storage {

/// Catalog::Counts within a transaction. Every count is taken from an index.
[[nodiscard]] NodeCounts CountNode(Database& database, const Stamp& stamp);

}  // namespace necknode::storage
