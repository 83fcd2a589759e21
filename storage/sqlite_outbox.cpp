#include "storage/sqlite_outbox.h"

#include <algorithm>
#include <array>
#include <utility>

#include "storage/records.h"

namespace necknode::storage {
namespace {

constexpr std::array<std::pair<OutboxState, std::string_view>, 4> kStates = {{
    {OutboxState::kWaiting, "waiting"},
    {OutboxState::kDelivered, "delivered"},
    {OutboxState::kParked, "parked"},
    {OutboxState::kWithheld, "withheld"},
}};

OutboxState StateFrom(std::string_view text) {
  for (const auto& [value, name] : kStates) {
    if (name == text)
      return value;
  }
  throw Error(ErrorCode::kInternal, "unknown outbox state in the database");
}

constexpr std::string_view kSelect =
    "SELECT o.id, o.job_id, s.study_instance_uid, o.destination, r.kind, r.sop_class_uid,"
    " r.sop_instance_uid, r.object_key, f.sop_class_uid, f.sop_instance_uid, f.object_key, o.state,"
    " o.attempts, o.due_boot_id, o.due_boot_ms, o.last_status, o.reason, o.created_ms, "
    "o.updated_ms,"
    " o.commitment"
    " FROM outbox o JOIN studies s ON s.id = o.study_id JOIN results r ON r.id = o.result_id"
    " LEFT JOIN results f ON f.id = o.fallback_result_id ";
// A time of another boot has passed.
constexpr std::string_view kDue =
    "o.state = 'waiting' AND (o.due_boot_id <> ? OR o.due_boot_ms <= ?)";

OutboxRow ReadRow(Statement& from, const Stamp& stamp) {
  OutboxRow row;
  row.id = from.Integer();
  row.job = from.Integer();
  row.study_instance_uid = Uid(from.Text());
  row.destination = from.Text();
  row.kind = from.Text();
  row.sop_class_uid = Uid(from.Text());
  row.sop_instance_uid = Uid(from.Text());
  row.object_key = from.Text();
  const bool fallback = !from.IsNull();
  const Uid fallback_class(from.Text());
  const Uid fallback_instance(from.Text());
  row.fallback_object_key = from.Text();
  if (fallback) {
    row.fallback_sop_class_uid = fallback_class;
    row.fallback_sop_instance_uid = fallback_instance;
  }
  row.state = StateFrom(from.Text());
  row.attempts = from.Int();
  const bool this_boot = from.Text() == stamp.boot_id;
  const std::int64_t due = from.Integer();
  if (row.state == OutboxState::kWaiting && this_boot) {
    row.due_in = std::chrono::milliseconds(std::max<std::int64_t>(due - stamp.boot_ms, 0));
  }
  row.last_status = from.Text();
  row.reason = from.Text();
  row.created = WallTimeOf(from.Integer());
  row.updated = WallTimeOf(from.Integer());
  row.commitment = from.Text();
  return row;
}

template <typename... Values>
std::vector<OutboxRow> SelectRows(Database& database,
                                  const Stamp& stamp,
                                  const std::string& tail,
                                  const Values&... values) {
  Statement found(database, std::string(kSelect).append(tail));
  (found.Bind(values), ...);
  std::vector<OutboxRow> rows;
  while (found.Step())
    rows.push_back(ReadRow(found, stamp));
  return rows;
}

// Explains why a change of `row` found no row in the state that it needs.
[[noreturn]] void RefuseChange(Database& database, std::int64_t row, const Stamp& stamp) {
  const auto found = SelectRows(database, stamp, "WHERE o.id = ?", row);
  const std::string name = "outbox row " + std::to_string(row);
  if (found.empty())
    throw Error(ErrorCode::kNotFound, "there is no " + name);
  throw Error(ErrorCode::kConflict,
              name + " is " + std::string(ToString(found.front().state)) +
                  (found.front().reason.empty() ? "" : " (" + found.front().reason + ")"));
}

}  // namespace

std::string_view ToString(OutboxState state) {
  for (const auto& [value, text] : kStates) {
    if (value == state)
      return text;
  }
  return "unknown";
}

std::vector<std::string> SqliteOutbox::DueDestinations() const {
  return connections_.Read([&](Database& database) {
    const Stamp stamp(clock_);
    Statement rows(database,
                   std::string("SELECT DISTINCT o.destination FROM outbox o WHERE ")
                       .append(kDue)
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
    return SelectRows(database,
                      stamp,
                      std::string("WHERE o.destination = ? AND ")
                          .append(kDue)
                          .append(" ORDER BY MIN(o.id) OVER (PARTITION BY o.study_id), o.id"
                                  " LIMIT ?"),
                      destination,
                      stamp.boot_id,
                      stamp.boot_ms,
                      AtMost(limit));
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
        " reason = '', sent_sop_instance_uid = ?, commitment = ?, updated_ms = ? WHERE id = ?"
        " AND state <> 'withheld'",
        status,
        sop_instance_uid.value(),
        want_commitment ? "wanted" : "none",
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

void SqliteOutbox::Release(std::int64_t row) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const int changed = database.Run(
        "UPDATE outbox SET state = 'waiting', attempts = 0, due_boot_id = '', reason = '',"
        " commitment = 'none', commitment_tries = 0, updated_ms = ? WHERE id = ? AND state IN "
        "('parked', 'delivered', 'waiting')",
        stamp.wall_ms,
        row);
    if (changed == 0)
      RefuseChange(database, row, stamp);
    AddAudit(database,
             {"outbox",
              "person",
              "released",
              "outbox row " + std::to_string(row),
              {.user = ProcessUser()}},
             stamp);
  });
}

std::optional<OutboxRow> SqliteOutbox::Find(std::int64_t row) const {
  auto rows = connections_.Read([&](Database& database) {
    return SelectRows(database, Stamp(clock_), "WHERE o.id = ?", row);
  });
  return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

std::vector<OutboxRow> SqliteOutbox::List(int limit) const {
  return connections_.Read([&](Database& database) {
    return SelectRows(database, Stamp(clock_), "ORDER BY o.id DESC LIMIT ?", AtMost(limit));
  });
}

std::vector<OutboxRow> SqliteOutbox::OfJob(std::int64_t job) const {
  return connections_.Read([&](Database& database) {
    return SelectRows(database, Stamp(clock_), "WHERE o.job_id = ? ORDER BY o.id", job);
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
