#include "storage/quarantine.h"

#include "core/log.h"
#include "storage/records.h"

namespace necknode::storage {

void Removals::Carry(ObjectFiles& files) noexcept {
  for (const auto& [kind, key] : files_) {
    try {
      files.Remove(kind, key);
    } catch (const Error& error) {
      Log(LogLevel::kError, "object_not_removed", {{"reason", error.what()}});
    }
  }
  files_.clear();
}

void QuarantineFolder::Add(Database& database,
                           ObjectKind kind,
                           const std::string& key,
                           std::uint64_t bytes,
                           const std::string& calling_ae,
                           const std::string& reason,
                           const Stamp& stamp,
                           Removals& removals) {
  const bool fits = bytes <= limit_bytes_;
  AddAudit(
      database, {"quarantine", calling_ae, fits ? "kept" : "too large to keep", reason}, stamp);
  if (!fits) {
    if (kind == ObjectKind::kQuarantine)
      removals.Add(kind, key);
    return;
  }
  files_.LinkToQuarantine(kind, key);
  database.Run(
      "INSERT INTO quarantine (object_key, calling_ae, reason, bytes, time_ms)"
      " VALUES (?, ?, ?, ?, ?)",
      key,
      calling_ae,
      reason,
      bytes,
      stamp.wall_ms);

  std::vector<std::int64_t> dropped;
  {
    auto total = static_cast<std::uint64_t>(
        database.Integer("SELECT SUM(bytes) FROM quarantine").value_or(0));
    Statement oldest(database, "SELECT id, object_key, bytes FROM quarantine ORDER BY id");
    while (total > limit_bytes_ && oldest.Step()) {
      dropped.push_back(oldest.Integer());
      removals.Add(ObjectKind::kQuarantine, oldest.Text());
      total -= static_cast<std::uint64_t>(oldest.Integer());
    }
  }
  for (const auto id : dropped)
    database.Run("DELETE FROM quarantine WHERE id = ?", id);
}

void RemoveQuarantined(Database& database,
                       std::int64_t id,
                       const std::string& user,
                       const Stamp& stamp,
                       Removals& removals) {
  std::string calling_ae;
  {
    Statement found(database, "SELECT object_key, calling_ae FROM quarantine WHERE id = ?");
    if (!found.Bind(id).Step())
      throw Error(ErrorCode::kNotFound, "there is no quarantined object " + std::to_string(id));
    removals.Add(ObjectKind::kQuarantine, found.Text());
    calling_ae = found.Text();
  }
  database.Run("DELETE FROM quarantine WHERE id = ?", id);
  AddAudit(database,
           {"quarantine", calling_ae, "discarded", "object " + std::to_string(id), {.user = user}},
           stamp);
}

std::vector<QuarantineRow> ReadQuarantine(Database& database,
                                          std::int64_t before,
                                          std::int64_t limit) {
  Statement rows(database,
                 "SELECT id, object_key, calling_ae, reason, bytes, time_ms FROM quarantine"
                 " WHERE id < ? ORDER BY id DESC LIMIT ?");
  rows.Bind(before).Bind(limit);
  std::vector<QuarantineRow> found;
  while (rows.Step()) {
    auto& row = found.emplace_back();
    row.id = rows.Integer();
    row.object_key = rows.Text();
    row.calling_ae = rows.Text();
    row.reason = rows.Text();
    row.bytes = static_cast<std::uint64_t>(rows.Integer());
    row.time = WallTimeOf(rows.Integer());
  }
  return found;
}

}  // namespace necknode::storage
