#pragma once

#include <vector>

#include "storage/connections.h"
#include "storage/store.h"

namespace necknode::storage {

// The rows that people read: audit, what roles say of themselves, packages.

void AddAudit(Database& database, const AuditEvent& event, const Stamp& stamp);
[[nodiscard]] std::vector<AuditRow> ReadAudit(Database& database, int limit);

void WriteRole(Database& database, const RoleStatus& status);
[[nodiscard]] std::vector<RoleStatus> ReadRoles(Database& database);

/// Replaces all rows.
void WritePackages(Database& database, const std::vector<PackageRow>& packages);
[[nodiscard]] std::vector<PackageRow> ReadPackages(Database& database);

}  // namespace necknode::storage
