#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "core/clock.h"

namespace necknode::storage {

/// How much lies where, at one moment. Ages by the wall clock.
struct NodeFigures {
  WallTime now{};
  std::map<std::string, std::int64_t> studies;  ///< by state
  std::map<std::string, std::int64_t> jobs;     ///< by state
  double oldest_queued_s = 0;                   ///< since the job was made; 0: none is queued
  std::map<std::pair<std::string, std::string>, std::int64_t> outbox;  ///< by destination and state
  std::map<std::string, double>
      oldest_waiting_s;  ///< by destination, since it was made or released
  std::int64_t quarantine_objects = 0;
  std::uint64_t quarantine_bytes = 0;
  std::map<std::string, std::int64_t> audit_unsent;  ///< by audit server
};

}  // namespace necknode::storage
