#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string_view>

#include "storage/sqlite.h"

namespace necknode::storage {

/// The SQL that brings a database from version n to n + 1, at index n. Never changed once released,
/// only added to.
using Migrations = std::span<const std::string_view>;

/// Those of this program: the files storage/schema/*.sql.
[[nodiscard]] Migrations SchemaMigrations();

/// Brings the database up to date, one transaction for each version. `back_up` runs first where the
/// database exists already and is older; it gets the version. Throws Error(kUnsupported), changing
/// nothing, where the database is newer.
void Migrate(Database& database, Migrations migrations, const std::function<void(int)>& back_up);

}  // namespace necknode::storage
