#include "storage/sqlite_audit_feed.h"

#include "storage/audit_rows.h"

namespace necknode::storage {
namespace {

std::int64_t SentTo(Database& database, const std::string& server) {
  return database.Integer("SELECT sent_id FROM audit_servers WHERE server = ?", server).value_or(0);
}

}  // namespace

std::vector<AuditEntry> SqliteAuditFeed::Unsent(const std::string& server, int limit) const {
  static const std::string query =
      std::string("SELECT ").append(kAuditColumns) +
      ", s.study_instance_uid, s.patient_id, s.specific_character_set FROM audit a"
      " LEFT JOIN studies s ON s.id = a.study_id WHERE a.id > ? ORDER BY a.id LIMIT ?";
  return connections_.Read([&](Database& database) {
    const std::int64_t sent = SentTo(database, server);
    Statement rows(database, query);
    rows.Bind(sent).Bind(AtMost(limit));
    std::vector<AuditEntry> entries;
    while (rows.Step()) {
      AuditEntry& entry = entries.emplace_back();
      entry.row = ReadAuditRow(rows);
      if (rows.IsNull())
        continue;
      AuditedStudy& study = entry.study.emplace();
      study.study_instance_uid = Uid(rows.Text());
      study.patient_id = PatientText(rows.Text());
      study.specific_character_set = rows.Text();
    }
    return entries;
  });
}

std::int64_t SqliteAuditFeed::CountUnsent(const std::string& server) const {
  return connections_.Read([&](Database& database) {
    // No row is ever removed, and an id that is rolled back is given again: there are no gaps.
    return database.Integer("SELECT MAX(id) FROM audit").value_or(0) - SentTo(database, server);
  });
}

void SqliteAuditFeed::MarkSent(const std::string& server, std::int64_t id) {
  connections_.Write([&](Database& database) {
    database.Run(
        "INSERT INTO audit_servers (server, sent_id, updated_ms) VALUES (?, ?, ?)"
        " ON CONFLICT (server) DO UPDATE SET sent_id = MAX(sent_id, excluded.sent_id),"
        " updated_ms = excluded.updated_ms",
        server,
        id,
        Stamp(clock_).wall_ms);
  });
}

std::optional<AuditRow> SqliteAuditFeed::LastConfiguration() const {
  return connections_.Read([&](Database& database) -> std::optional<AuditRow> {
    Statement row(database,
                  std::string("SELECT ").append(kAuditColumns) +
                      " FROM audit a WHERE a.event = 'configuration' AND a.subject = 'serve'"
                      " ORDER BY a.id DESC LIMIT 1");
    return row.Step() ? std::optional(ReadAuditRow(row)) : std::nullopt;
  });
}

}  // namespace necknode::storage
