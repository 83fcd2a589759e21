#include "storage/sqlite_outbox.h"

#include <utility>

#include "storage/outbox_rows.h"
#include "storage/records.h"

namespace necknode::storage {
namespace {

// A time of another boot has passed.
constexpr std::string_view kDueRow =
    "o.state = 'waiting' AND (o.due_boot_id <> ? OR o.due_boot_ms <= ?)";

// Explains why a change of `row` found no row in the state that it needs.
[[noreturn]] void RefuseChange(Database& database, std::int64_t row, const Stamp& stamp) {
  const auto found = SelectOutbox(database, stamp, "WHERE o.id = ?", row);
  const std::string name = "outbox row " + std::to_string(row);
  if (found.empty())
    throw Error(ErrorCode::kNotFound, "there is no " + name);
  throw Error(ErrorCode::kConflict,
              name + " is " + std::string(ToString(found.front().state)) +
                  (found.front().reason.empty() ? "" : " (" + found.front().reason + ")"));
}

// Puts a row whose documents are still stored back to waiting. False where it is in no such state.
bool SendAgain(Database& database,
               std::int64_t row,
               const std::string& states,
               const std::string& user,
               const Stamp& stamp) {
  const int changed = database.Run(
      "UPDATE outbox SET waiting_since_ms = CASE state WHEN 'waiting' THEN waiting_since_ms"
      " ELSE ?1 END, state = 'waiting', attempts = 0, due_boot_id = '', last_status = '',"
      " reason = '', commitment = 'none', commitment_tries = 0, updated_ms = ?1"
      " WHERE id = ?2 AND state IN (" +
          states + ")",
      stamp.wall_ms,
      row);
  if (changed == 0)
    return false;
  const auto study = database.Integer("SELECT study_id FROM outbox WHERE id = ?", row);
  AddAudit(database,
           {"outbox",
            "person",
            "released",
            "outbox row " + std::to_string(row),
            {.user = user, .study = study.value_or(0)}},
           stamp);
  return true;
}

// The same of all rows `o` that meet `condition`; those of documents that retention removed are
// left alone.
template <typename... Values>
int SendAllAgain(Database& database,
                 const std::string& condition,
                 const std::string& user,
                 const Stamp& stamp,
                 const Values&... values) {
  std::vector<std::int64_t> ids;
  {
    Statement rows(database,
                   "SELECT o.id FROM outbox o JOIN results r ON r.id = o.result_id WHERE"
                   " r.state = 'stored' AND " +
                       condition + " ORDER BY o.id");
    (rows.Bind(values), ...);
    while (rows.Step())
      ids.push_back(rows.Integer());
  }
  for (const auto id : ids)
    SendAgain(database, id, "'parked', 'delivered', 'waiting'", user, stamp);
  return static_cast<int>(ids.size());
}

}  // namespace

std::vector<std::string> SqliteOutbox::DueDestinations() const {
  return connections_.Read([&](Database& database) {
    const Stamp stamp(clock_);
    Statement rows(database,
                   std::string("SELECT DISTINCT o.destination FROM outbox o WHERE ")
                       .append(kDueRow)
                       .append(" ORDER BY o.destination"));
    rows.Bind(stamp.boot_id).Bind(stamp.boot_ms);
    std::vector<std::string> destinations;
    while (rows.Step())
      destinations.push_back(rows.Text());
    return destinations;
  });
}

std::vector<OutboxRow> SqliteOutbox::Due(const std::string& destination, int limit) const {
  return connections_.Read([&](Database& database) {
    const Stamp stamp(clock_);
    return SelectOutbox(database,
                        stamp,
                        std::string("WHERE o.destination = ? AND ")
                            .append(kDueRow)
                            .append(" ORDER BY MIN(o.id) OVER (PARTITION BY o.study_id), o.id"
                                    " LIMIT ?"),
                        destination,
                        stamp.boot_id,
                        stamp.boot_ms,
                        AtMost(limit));
  });
}

std::optional<std::chrono::milliseconds> SqliteOutbox::SinceLastSlice(std::int64_t row) const {
  return connections_.Read([&](Database& database) -> std::optional<std::chrono::milliseconds> {
    const auto last = database.Integer(
        "SELECT s.last_received_ms FROM outbox o JOIN studies s ON s.id = o.study_id"
        " WHERE o.id = ? AND o.sent_sop_instance_uid = '' AND NOT EXISTS (SELECT 1 FROM outbox p"
        " WHERE p.job_id = o.job_id AND p.destination = o.destination AND p.id <> o.id"
        " AND p.state IN ('waiting', 'parked'))",
        row);
    if (!last)
      return std::nullopt;
    const std::int64_t passed = Stamp(clock_).wall_ms - *last;
    return std::chrono::milliseconds(std::max<std::int64_t>(passed, 0));
  });
}

void SqliteOutbox::MarkDelivered(std::int64_t row,
                                 const std::string& status,
                                 const Uid& sop_instance_uid,
                                 bool want_commitment) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const int changed = database.Run(
        "UPDATE outbox SET state = 'delivered', attempts = attempts + 1, last_status = ?,"
        " reason = '', sent_sop_instance_uid = ?, commitment = ?, delivered_ms = ?,"
        " updated_ms = ? WHERE id = ? AND state <> 'withheld'",
        status,
        sop_instance_uid.value(),
        want_commitment ? "wanted" : "none",
        stamp.wall_ms,
        stamp.wall_ms,
        row);
    if (changed == 0)
      RefuseChange(database, row, stamp);
  });
}

void SqliteOutbox::MarkRetry(std::int64_t row,
                             const std::string& status,
                             std::chrono::milliseconds delay) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const int changed = database.Run(
        "UPDATE outbox SET attempts = attempts + 1, last_status = ?, due_boot_id = ?,"
        " due_boot_ms = ?, updated_ms = ? WHERE id = ? AND state = 'waiting'",
        status,
        stamp.boot_id,
        stamp.boot_ms + delay.count(),
        stamp.wall_ms,
        row);
    if (changed == 0)
      RefuseChange(database, row, stamp);
  });
}

void SqliteOutbox::MarkParked(std::int64_t row,
                              const std::string& status,
                              const std::string& reason) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const int changed = database.Run(
        "UPDATE outbox SET state = 'parked', attempts = attempts + 1, last_status = ?, reason = ?,"
        " updated_ms = ? WHERE id = ? AND state = 'waiting'",
        status,
        reason,
        stamp.wall_ms,
        row);
    if (changed == 0)
      RefuseChange(database, row, stamp);
  });
}

void SqliteOutbox::Release(std::int64_t row, const std::string& user) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    if (!SendAgain(database, row, "'parked', 'delivered', 'waiting'", user, stamp))
      RefuseChange(database, row, stamp);
  });
}

void SqliteOutbox::Wake(const std::string& destination) {
  connections_.Write([&](Database& database) {
    // Its own answers, "0x...", are of one document each.
    database.Run(
        "UPDATE outbox SET due_boot_id = '' WHERE state = 'waiting' AND destination = ?"
        " AND due_boot_id <> '' AND last_status NOT LIKE '0x%'",
        destination);
  });
}

int SqliteOutbox::ReleaseAll(const std::string& destination, const std::string& user) {
  return connections_.Write([&](Database& database) {
    return SendAllAgain(database,
                        "(o.state = 'parked' OR (o.state = 'waiting' AND o.attempts > 0))"
                        " AND (? = '' OR o.destination = ?)",
                        user,
                        Stamp(clock_),
                        destination,
                        destination);
  });
}

int SqliteOutbox::Resend(StudyId study, const std::string& destination, const std::string& user) {
  return connections_.Write([&](Database& database) {
    if (!database.Integer("SELECT id FROM studies WHERE id = ?", study))
      throw Error(ErrorCode::kNotFound, "there is no study " + std::to_string(study));
    const int sent = SendAllAgain(database,
                                  "o.study_id = ? AND o.state IN ('delivered', 'parked')"
                                  " AND (? = '' OR o.destination = ?)",
                                  user,
                                  Stamp(clock_),
                                  study,
                                  destination,
                                  destination);
    if (sent == 0) {
      throw Error(ErrorCode::kConflict,
                  "study " + std::to_string(study) + " has no stored document that was sent" +
                      (destination.empty() ? "" : " to \"" + destination + "\""));
    }
    return sent;
  });
}

std::optional<OutboxRow> SqliteOutbox::Find(std::int64_t row) const {
  auto rows = connections_.Read([&](Database& database) {
    return SelectOutbox(database, Stamp(clock_), "WHERE o.id = ?", row);
  });
  return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

std::vector<OutboxRow> SqliteOutbox::List(int limit) const {
  return connections_.Read([&](Database& database) {
    return SelectOutbox(database, Stamp(clock_), "ORDER BY o.id DESC LIMIT ?", AtMost(limit));
  });
}

std::vector<OutboxRow> SqliteOutbox::OfJob(std::int64_t job) const {
  return connections_.Read([&](Database& database) {
    return SelectOutbox(database, Stamp(clock_), "WHERE o.job_id = ? ORDER BY o.id", job);
  });
}

std::int64_t SqliteOutbox::CountWaiting(const std::string& destination) const {
  return connections_.Read([&](Database& database) {
    return database
        .Integer("SELECT COUNT(*) FROM outbox WHERE destination = ? AND state = 'waiting'",
                 destination)
        .value_or(0);
  });
}

bool SqliteOutbox::IsOurs(const Uid& sop_instance_uid) const {
  return connections_.Read([&](Database& database) {
    return database
        .Integer("SELECT id FROM results WHERE sop_instance_uid = ? LIMIT 1",
                 sop_instance_uid.value())
        .has_value();
  });
}

}  // namespace necknode::storage
