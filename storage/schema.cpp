#include "storage/schema.h"

#include <string>

#include "core/error.h"

namespace necknode::storage {
namespace {

int VersionOf(Database& database) {
  return static_cast<int>(database.Integer("PRAGMA user_version").value_or(0));
}

}  // namespace

void Migrate(Database& database, Migrations migrations, const std::function<void(int)>& back_up) {
  const int newest = static_cast<int>(migrations.size());
  const int found = VersionOf(database);
  if (found > newest) {
    throw Error(ErrorCode::kUnsupported,
                "the database has schema version " + std::to_string(found) +
                    ", this program knows versions up to " + std::to_string(newest) +
                    ": use the newer program, or restore the backup made before its migration");
  }
  if (found == newest)
    return;
  if (found > 0)
    back_up(found);
  for (int version = found; version < newest; ++version) {
    Transaction transaction(database, Transaction::Kind::kWrite);
    database.Execute(std::string(migrations[static_cast<std::size_t>(version)]));
    database.Execute("PRAGMA user_version=" + std::to_string(version + 1));
    transaction.Commit();
  }
}

}  // namespace necknode::storage
