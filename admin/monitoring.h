#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "storage/store.h"

namespace necknode::admin {

/// What metrics and health are made of. The references must outlive the router.
struct MonitoringServices {
  storage::Store& store;
  const Clock& clock;
  std::string version;
  std::vector<std::string> roles;  ///< that this node is to run
  /// Each route's name and package "<name>/<version>".
  std::function<std::vector<std::pair<std::string, std::string>>()> route_packages;
  /// Of the configuration that can be edited; nullopt, or no function: there is none.
  std::function<std::optional<std::int64_t>()> config_generation = {};
};

/// What is said of a node that has no route.
inline constexpr const char* kNoRoute = "there is no route: studies are stored, but not analysed";

/// Whether the role runs, as far as its row tells: it has a process that said something within the
/// last 20 seconds.
[[nodiscard]] bool IsUp(const storage::RoleStatus& status, WallTime now);

/// The row of `role`; nullptr: it never ran.
[[nodiscard]] const storage::RoleStatus* FindRole(const std::vector<storage::RoleStatus>& rows,
                                                  const std::string& role);

}  // namespace necknode::admin
