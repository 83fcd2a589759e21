#pragma once

#include "storage/connections.h"
#include "storage/node_figures.h"

namespace necknode::storage {

/// Every state that a study or job can have is there, with 0 where none has it.
[[nodiscard]] NodeFigures ReadFigures(Database& database, const Stamp& stamp);

}  // namespace necknode::storage
