#pragma once

#include <string>

#include "storage/sqlite.h"

namespace necknode::storage {

/// Has everything that goes by the peer `from` go by `to`, within a transaction. What was parked
/// because nobody had the name waits again.
void RenamePeer(Database& database, const std::string& from, const std::string& to);

}  // namespace necknode::storage
