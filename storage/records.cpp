#include "storage/records.h"

namespace necknode::storage {

void WriteRole(Database& database, const RoleStatus& status) {
  database.Run(
      "INSERT INTO roles (role, pid, started_ms, updated_ms, line, counters, restarts)"
      " VALUES (?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (role) DO UPDATE SET pid = excluded.pid, started_ms = excluded.started_ms,"
      " updated_ms = excluded.updated_ms, line = excluded.line,"
      " counters = CASE WHEN excluded.pid = 0 AND excluded.counters = '' THEN counters"
      " ELSE excluded.counters END,"
      " restarts = restarts + excluded.restarts",
      status.role,
      status.pid,
      status.started.time_since_epoch().count(),
      status.updated.time_since_epoch().count(),
      status.text,
      EncodeCounters(status.counters),
      status.died ? 1 : 0);
}

std::vector<RoleStatus> ReadRoles(Database& database) {
  Statement rows(database,
                 "SELECT role, pid, started_ms, updated_ms, line, counters, restarts FROM roles"
                 " ORDER BY role");
  std::vector<RoleStatus> roles;
  while (rows.Step()) {
    auto& status = roles.emplace_back();
    status.role = rows.Text();
    status.pid = rows.Int();
    status.started = WallTimeOf(rows.Integer());
    status.updated = WallTimeOf(rows.Integer());
    status.text = rows.Text();
    status.counters = DecodeCounters(rows.Text());
    status.restarts = rows.Int();
  }
  return roles;
}

void WritePackages(Database& database, const std::vector<PackageRow>& packages) {
  database.Run("DELETE FROM packages");
  for (const auto& row : packages) {
    database.Run(
        "INSERT INTO packages (package, digest, clinical, usable, reason, limits_json, warning,"
        " figures_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        row.package,
        row.digest,
        row.clinical,
        row.usable,
        row.reason,
        row.limits_json,
        row.warning,
        row.figures_json);
  }
}

std::vector<PackageRow> ReadPackages(Database& database) {
  Statement rows(database,
                 "SELECT package, digest, clinical, usable, reason, limits_json, warning,"
                 " figures_json FROM packages"
                 " ORDER BY package");
  std::vector<PackageRow> packages;
  while (rows.Step()) {
    auto& row = packages.emplace_back();
    row.package = rows.Text();
    row.digest = rows.Text();
    row.clinical = rows.Bool();
    row.usable = rows.Bool();
    row.reason = rows.Text();
    row.limits_json = rows.Text();
    row.warning = rows.Text();
    row.figures_json = rows.Text();
  }
  return packages;
}

}  // namespace necknode::storage
