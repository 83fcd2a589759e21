#include "storage/sqlite_notices.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/digest.h"
#include "storage/audit_rows.h"

namespace necknode::storage {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kHourMs = std::chrono::milliseconds(1h).count();
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kForgetMs = 30 * kDayMs;
constexpr std::size_t kKeyBytes = 16;

// The wall clock may be set back by so much without an event being missed.
constexpr std::int64_t kOverlapMs = kHourMs;

// Rows in a state that people are told of: each state that a row was brought into, once. The time
// of the change names the occasion. `?`: the moment, or the audit row, to look from.
struct Source {
  const char* kind;
  bool by_audit;
  const char* query;  ///< source, time_ms, study, job, row, subject
};
constexpr std::array kSources = {
    Source{kNoticeRowParked,
           false,
           "SELECT 'row ' || id || ' ' || updated_ms, updated_ms, study_id, job_id, id, destination"
           " FROM outbox WHERE state = 'parked' AND updated_ms >= ?"},
    // Those of a parked study are its own event.
    Source{
        kNoticeJobFailed,
        false,
        "SELECT 'job ' || j.id || ' ' || j.updated_ms, j.updated_ms, j.study_id, j.id, 0, j.route"
        " FROM jobs j JOIN studies s ON s.id = j.study_id WHERE j.state IN ('failed', 'parked')"
        " AND s.state <> 'parked' AND j.updated_ms >= ?"},
    Source{kNoticeSuspiciousFinding,
           false,
           "SELECT 'finding ' || id, updated_ms, study_id, id, 0, route FROM jobs"
           " WHERE state = 'done' AND suspicious_nodes > 0 AND updated_ms >= ?"},
    Source{kNoticeObjectQuarantined,
           true,
           "SELECT 'audit ' || id, time_ms, 0, 0, 0, subject FROM audit"
           " WHERE event = 'quarantine' AND outcome IN ('kept', 'too large to keep') AND id > ?"},
    Source{kNoticeStudyParked,
           false,
           "SELECT 'study ' || id || ' ' || parked_ms, parked_ms, id, 0, 0, '' FROM studies"
           " WHERE state = 'parked' AND parked_ms >= ?"},
};

std::optional<std::int64_t> Mark(Database& database, std::string_view name) {
  return database.Integer("SELECT value FROM notice_marks WHERE name = ?", name);
}

void SetMark(Database& database, std::string_view name, std::int64_t value) {
  database.Run(
      "INSERT INTO notice_marks (name, value) VALUES (?, ?)"
      " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name,
      value);
}

struct Found {
  std::string source;
  NoticeEvent event;
};

std::vector<Found> Look(Database& database, const Source& source, std::int64_t from) {
  Statement rows(database, source.query);
  rows.Bind(from);
  std::vector<Found> found;
  while (rows.Step()) {
    Found& one = found.emplace_back();
    one.source = rows.Text();
    one.event.kind = source.kind;
    one.event.time = WallTimeOf(rows.Integer());
    one.event.study = rows.Integer();
    one.event.job = rows.Integer();
    one.event.row = rows.Integer();
    one.event.subject = rows.Text();
  }
  return found;
}

int Insert(Database& database, const Found& found) {
  const NoticeEvent& event = found.event;
  return database.Run(
      "INSERT OR IGNORE INTO notice_events (kind, source, time_ms, study_id, job_id, row_id, "
      "subject)"
      " VALUES (?, ?, ?, ?, ?, ?, ?)",
      event.kind,
      found.source,
      event.time.time_since_epoch().count(),
      event.study,
      event.job,
      event.row,
      event.subject);
}

NoticeEvent ReadEvent(Statement& row) {
  NoticeEvent event;
  event.id = row.Integer();
  event.kind = row.Text();
  event.time = WallTimeOf(row.Integer());
  event.study = row.Integer();
  event.job = row.Integer();
  event.row = row.Integer();
  event.subject = row.Text();
  event.study_instance_uid = Uid(row.Text());
  return event;
}

// What happened where to look from, within one transaction that reads or writes.
struct Marks {
  std::int64_t newest_audit, audit, changes_from;
  bool first, reserve_was_reached;
};

Marks ReadMarks(Database& database, const Stamp& stamp) {
  const auto start = Mark(database, "start_ms");
  Marks marks{};
  marks.newest_audit = database.Integer("SELECT MAX(id) FROM audit").value_or(0);
  marks.first = !start;
  marks.audit = Mark(database, "audit").value_or(marks.newest_audit);
  marks.changes_from =
      std::max(start.value_or(stamp.wall_ms), Mark(database, "seen_ms").value_or(0) - kOverlapMs);
  marks.reserve_was_reached = Mark(database, "disk_reserve").value_or(0) != 0;
  return marks;
}

std::vector<Found> LookForAll(Database& database,
                              const std::set<std::string>& kinds,
                              const Marks& marks) {
  std::vector<Found> all;
  for (const Source& source : kSources) {
    if (!kinds.contains(source.kind)) {
      continue;
    }
    for (Found& found :
         Look(database, source, source.by_audit ? marks.audit : marks.changes_from)) {
      const bool known = database
                             .Integer("SELECT id FROM notice_events WHERE kind = ? AND source = ?",
                                      found.event.kind,
                                      found.source)
                             .has_value();
      if (!known) {
        all.push_back(std::move(found));
      }
    }
  }
  return all;
}

// For one message: the untold events of a kind.
struct Untold {
  std::string kind;
  std::int64_t first = 0, last = 0;
  int count = 0;
};

std::vector<Untold> UntoldOf(Database& database,
                             const std::string& channel,
                             const Stamp& stamp,
                             std::chrono::milliseconds settle,
                             std::chrono::milliseconds interval) {
  Statement rows(
      database,
      "SELECT e.kind, MIN(e.id), MAX(e.id), COUNT(*) FROM notice_events e WHERE e.time_ms >= ?"
      " AND e.id > (SELECT COALESCE(MAX(m.last_event), 0) FROM notice_messages m"
      " WHERE m.channel = ? AND m.kind = e.kind)"
      " AND NOT EXISTS (SELECT 1 FROM notice_messages m WHERE m.channel = ? AND m.kind = e.kind"
      " AND (m.state = 'waiting' OR (m.created_ms > ? AND m.created_ms <= ?)))"
      " GROUP BY e.kind HAVING MIN(e.noted_ms) <= ? OR MIN(e.noted_ms) > ?");
  // Times that lie ahead are those of a clock that was set back: they hold nothing up.
  rows.Bind(stamp.wall_ms - kDayMs)
      .Bind(channel)
      .Bind(channel)
      .Bind(stamp.wall_ms - interval.count())
      .Bind(stamp.wall_ms)
      .Bind(stamp.wall_ms - settle.count())
      .Bind(stamp.wall_ms);
  std::vector<Untold> untold;
  while (rows.Step()) {
    Untold& one = untold.emplace_back();
    one.kind = rows.Text();
    one.first = rows.Integer();
    one.last = rows.Integer();
    one.count = rows.Int();
  }
  return untold;
}

std::vector<NoticeEvent> ItemsOf(Database& database,
                                 const std::string& kind,
                                 std::int64_t first,
                                 std::int64_t last) {
  Statement rows(
      database,
      "SELECT e.id, e.kind, e.time_ms, e.study_id, e.job_id, e.row_id, e.subject,"
      " s.study_instance_uid FROM notice_events e LEFT JOIN studies s ON s.id = e.study_id"
      " WHERE e.kind = ? AND e.id BETWEEN ? AND ? ORDER BY e.id LIMIT ?");
  rows.Bind(kind).Bind(first).Bind(last).Bind(kMaxNoticeItems);
  std::vector<NoticeEvent> items;
  while (rows.Step())
    items.push_back(ReadEvent(rows));
  return items;
}

std::vector<NoticeMessage> DueMessages(Database& database,
                                       const std::string& channel,
                                       const Stamp& stamp) {
  struct Range {
    std::int64_t first, last;
  };
  std::vector<NoticeMessage> messages;
  std::vector<Range> ranges;
  {
    Statement rows(database,
                   "SELECT id, kind, message_key, events, attempts, created_ms, first_event,"
                   " last_event FROM notice_messages WHERE channel = ? AND state = 'waiting'"
                   " AND (due_boot_id <> ? OR due_boot_ms <= ?) ORDER BY id");
    rows.Bind(channel).Bind(stamp.boot_id).Bind(stamp.boot_ms);
    while (rows.Step()) {
      NoticeMessage& message = messages.emplace_back();
      message.channel = channel;
      message.id = rows.Integer();
      message.kind = rows.Text();
      message.key = rows.Text();
      message.events = rows.Int();
      message.attempts = rows.Int();
      message.created = WallTimeOf(rows.Integer());
      const std::int64_t first = rows.Integer();
      ranges.push_back({first, rows.Integer()});
    }
  }
  for (std::size_t i = 0; i < messages.size(); ++i)
    messages[i].items = ItemsOf(database, messages[i].kind, ranges[i].first, ranges[i].last);
  return messages;
}

}  // namespace

int SqliteNotices::Collect(const std::set<std::string>& kinds, bool reserve_reached) {
  const bool reserve_counts = kinds.contains(kNoticeDiskReserve);
  // Looked for without the lock of writers: mostly nothing has happened.
  const bool any = connections_.Read([&](Database& database) {
    const Stamp stamp(clock_);
    const Marks marks = ReadMarks(database, stamp);
    return marks.first || marks.reserve_was_reached != reserve_reached ||
           marks.newest_audit - marks.audit > 1000 ||
           stamp.wall_ms - Mark(database, "seen_ms").value_or(0) > kOverlapMs / 2 ||
           !LookForAll(database, kinds, marks).empty();
  });
  if (!any)
    return 0;
  return connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const Marks marks = ReadMarks(database, stamp);
    std::vector<Found> all = LookForAll(database, kinds, marks);
    if (reserve_counts && reserve_reached && !marks.reserve_was_reached) {
      Found& full = all.emplace_back();
      full.source = "reserve " + std::to_string(stamp.wall_ms);
      full.event.kind = kNoticeDiskReserve;
      full.event.time = WallTimeOf(stamp.wall_ms);
    }
    int added = 0;
    for (const Found& found : all)
      added += Insert(database, found);
    database.Run("UPDATE notice_events SET noted_ms = ? WHERE noted_ms = 0", stamp.wall_ms);
    if (marks.first)
      SetMark(database, "start_ms", stamp.wall_ms);
    SetMark(database, "audit", marks.newest_audit);
    SetMark(database, "seen_ms", stamp.wall_ms);
    SetMark(database, "disk_reserve", reserve_reached ? 1 : 0);
    database.Run(
        "DELETE FROM notice_messages WHERE state <> 'waiting' AND created_ms < ?"
        " AND id NOT IN (SELECT MAX(id) FROM notice_messages GROUP BY channel, kind)",
        stamp.wall_ms - kForgetMs);
    database.Run("DELETE FROM notice_events WHERE time_ms < ?", stamp.wall_ms - kForgetMs);
    return added;
  });
}

std::vector<NoticeMessage> SqliteNotices::Due(const std::string& channel,
                                              std::chrono::milliseconds settle,
                                              std::chrono::milliseconds interval) {
  const bool any = connections_.Read([&](Database& database) {
    return !UntoldOf(database, channel, Stamp(clock_), settle, interval).empty();
  });
  if (any) {
    connections_.Write([&](Database& database) {
      const Stamp stamp(clock_);
      for (const Untold& untold : UntoldOf(database, channel, stamp, settle, interval)) {
        database.Run(
            "INSERT INTO notice_messages (channel, kind, message_key, first_event, last_event,"
            " events, state, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, ?)",
            channel,
            untold.kind,
            RandomHex(kKeyBytes),
            untold.first,
            untold.last,
            untold.count,
            stamp.wall_ms,
            stamp.wall_ms);
      }
    });
  }
  return connections_.Read(
      [&](Database& database) { return DueMessages(database, channel, Stamp(clock_)); });
}

void SqliteNotices::MarkSent(std::int64_t message) {
  connections_.Write([&](Database& database) {
    database.Run(
        "UPDATE notice_messages SET state = 'sent', attempts = attempts + 1, last_status = '',"
        " updated_ms = ? WHERE id = ?",
        Stamp(clock_).wall_ms,
        message);
  });
}

void SqliteNotices::MarkRetry(std::int64_t message,
                              const std::string& status,
                              std::chrono::milliseconds delay) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    database.Run(
        "UPDATE notice_messages SET attempts = attempts + 1, last_status = ?, due_boot_id = ?,"
        " due_boot_ms = ?, updated_ms = ? WHERE id = ? AND state = 'waiting'",
        status,
        stamp.boot_id,
        stamp.boot_ms + delay.count(),
        stamp.wall_ms,
        message);
  });
}

void SqliteNotices::GiveUp(std::int64_t message, const std::string& status) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const int changed = database.Run(
        "UPDATE notice_messages SET state = 'given_up', attempts = attempts + 1, last_status = ?,"
        " updated_ms = ? WHERE id = ? AND state = 'waiting'",
        status,
        stamp.wall_ms,
        message);
    if (changed == 0)
      return;
    Statement row(database, "SELECT channel, kind, events FROM notice_messages WHERE id = ?");
    row.Bind(message);
    if (!row.Step())
      return;
    const std::string channel = row.Text();
    const std::string kind = row.Text();
    const std::string events = std::to_string(row.Int());
    AddAudit(
        database,
        {"notice", channel, "given up", "kind=" + kind + " events=" + events + " status=" + status},
        stamp);
  });
}

int SqliteNotices::CountWaiting() const {
  return connections_.Read([&](Database& database) {
    return static_cast<int>(
        database.Integer("SELECT COUNT(*) FROM notice_messages WHERE state = 'waiting'")
            .value_or(0));
  });
}

}  // namespace necknode::storage
