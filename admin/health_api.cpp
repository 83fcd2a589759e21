#include "admin/health_api.h"

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "admin/problem.h"
#include "core/error.h"

namespace necknode::admin {
namespace {

using nlohmann::json;

struct Check {
  std::string name;
  bool needed = false;  ///< to take studies
  bool ok = false;
  std::string detail;
};

Check CheckRole(const std::string& role,
                const std::vector<storage::RoleStatus>& rows,
                WallTime now) {
  Check check{role, role == "receiver", false, "has never run"};
  if (const storage::RoleStatus* status = FindRole(rows, role)) {
    check.ok = IsUp(*status, now);
    const bool silent = status->pid != 0 && !check.ok;
    check.detail = (check.ok ? "runs: " : silent ? "silent for 20 s: " : "") + status->text;
  }
  return check;
}

Check CheckStorage(const MonitoringServices& services) {
  constexpr std::uint64_t kMib = 1U << 20U;
  const std::uint64_t free = services.store.objects().FreeAboveReserve();
  return {"storage",
          true,
          free > 0,
          free > 0 ? std::to_string(free / kMib) + " MiB free above the reserve"
                   : "the disk is at its reserve: nothing is accepted"};
}

Check CheckPackage(const std::string& route,
                   const std::string& package,
                   const std::vector<storage::PackageRow>& rows) {
  Check check{"package of route " + route, false, false, package + ": no worker has found it"};
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& candidate) {
    return candidate.package == package;
  });
  if (row != rows.end()) {
    check.ok = row->usable;
    check.detail = package + (row->usable ? " is usable" : ": " + row->reason);
  }
  return check;
}

std::vector<Check> AllChecks(const MonitoringServices& services) {
  std::vector<Check> checks;
  try {
    const std::vector<storage::RoleStatus> roles = services.store.Roles();
    checks.push_back(CheckStorage(services));
    for (const std::string& role : services.roles) {
      checks.push_back(CheckRole(role, roles, services.clock.Now()));
    }
    const std::vector<storage::PackageRow> packages = services.store.Packages();
    const auto routes = services.route_packages();
    if (routes.empty()) {
      checks.push_back({"routes", false, false, kNoRoute});
    }
    for (const auto& [route, package] : routes) {
      checks.push_back(CheckPackage(route, package, packages));
    }
  } catch (const Error& error) {
    checks.push_back({"storage", true, false, error.what()});
  }
  return checks;
}

Response Ready(const MonitoringServices& services) {
  json body = {{"status", "ok"}, {"checks", json::array()}};
  int status = 200;
  for (const Check& check : AllChecks(services)) {
    body["checks"].push_back({{"name", check.name},
                              {"ok", check.ok},
                              {"needed", check.needed},
                              {"detail", check.detail}});
    if (!check.ok && check.needed) {
      status = 503;
      body["status"] = "unavailable";
    } else if (!check.ok && status == 200) {
      body["status"] = "degraded";
    }
  }
  Response response = Json(body, status);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace

void AddHealth(Router& router, const MonitoringServices& services) {
  router.Add("GET", "/health/live", Role::kNone, [](const Request&) {
    return Json({{"status", "ok"}});
  });
  router.Add(
      "GET", "/health/ready", Role::kNone, [services](const Request&) { return Ready(services); });
}

}  // namespace necknode::admin
