#include "admin/monitoring.h"

#include <algorithm>

namespace necknode::admin {
namespace {

// Roles report every five seconds, a worker between slices.
constexpr std::chrono::seconds kSilentFor{20};

}  // namespace

bool IsUp(const storage::RoleStatus& status, WallTime now) {
  return status.pid != 0 && now - status.updated < kSilentFor;
}

const storage::RoleStatus* FindRole(const std::vector<storage::RoleStatus>& rows,
                                    const std::string& role) {
  const auto found = std::find_if(
      rows.begin(), rows.end(), [&](const storage::RoleStatus& row) { return row.role == role; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace necknode::admin
