#pragma once

#include <vector>

#include "storage/audit_rows.h"
#include "storage/connections.h"
#include "storage/store.h"

namespace necknode::storage {

// The rows that people read: what roles say of themselves, packages; audit_rows.h has the audit.

void WriteRole(Database& database, const RoleStatus& status);
[[nodiscard]] std::vector<RoleStatus> ReadRoles(Database& database);

/// Replaces all rows.
void WritePackages(Database& database, const std::vector<PackageRow>& packages);
[[nodiscard]] std::vector<PackageRow> ReadPackages(Database& database);

}  // namespace necknode::storage
