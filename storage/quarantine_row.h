#pragma once

#include <cstdint>
#include <string>

#include "core/clock.h"

namespace necknode::storage {

/// An object that could not be indexed, kept for an administrator.
struct QuarantineRow {
  std::int64_t id = 0;
  std::string object_key, calling_ae, reason;
  std::uint64_t bytes = 0;
  WallTime time{};
};

}  // namespace necknode::storage
