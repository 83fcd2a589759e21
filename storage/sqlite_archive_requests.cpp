#include "storage/sqlite_archive_requests.h"

#include <algorithm>
#include <iterator>

namespace necknode::storage {
namespace {

static_assert(std::size(kArchivePauses) == kMaxArchiveTries - 1);

std::string_view NameOf(ArchiveRequestKind kind) {
  return kind == ArchiveRequestKind::kCount ? "count" : "priors";
}

// After try `tries`. Behind the last one stands the pause that its own death would need.
std::int64_t PauseMs(int tries) {
  const auto last = static_cast<int>(std::size(kArchivePauses));
  const auto index = static_cast<std::size_t>(std::clamp(tries, 1, last) - 1);
  return std::chrono::milliseconds(kArchivePauses[index]).count();
}

constexpr std::string_view kWaitsForPeer = "state = 'waiting' AND kind = ? AND peer = ? AND ";

// The row as it was lent: nothing newer was asked, no later try was begun.
constexpr std::string_view kLent =
    " WHERE id = ? AND change = ? AND tries = ? AND state = 'waiting'";

CountState::Progress ProgressFrom(std::string_view state) {
  if (state == "waiting")
    return CountState::Progress::kWaiting;
  return state == "answered" ? CountState::Progress::kAnswered : CountState::Progress::kFailed;
}

// A request for priors that has failed expects none any more.
void GiveUpPriors(Database& database, const Stamp& stamp) {
  database.Run(
      "UPDATE priors SET state = 'failed', updated_ms = ?, reason = (SELECT reason"
      "  FROM archive_requests r WHERE r.study_id = priors.study_id AND r.kind = 'priors')"
      " WHERE state = 'requested' AND EXISTS (SELECT 1 FROM archive_requests r"
      "  WHERE r.study_id = priors.study_id AND r.kind = 'priors' AND r.state = 'failed')",
      stamp.wall_ms);
}

std::vector<SeriesCount> SeriesOf(Database& database, std::int64_t request) {
  Statement rows(database,
                 "SELECT series_instance_uid, instances FROM archive_counts WHERE request_id = ?"
                 " ORDER BY series_instance_uid");
  rows.Bind(request);
  std::vector<SeriesCount> series;
  while (rows.Step()) {
    auto& count = series.emplace_back();
    count.series_instance_uid = Uid(rows.Text());
    count.instances = rows.OptionalInt();
  }
  return series;
}

}  // namespace

void SqliteArchiveRequests::AskCounts(StudyId study, const std::string& peer, std::int64_t change) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    database.Run(
        "INSERT INTO archive_requests (study_id, kind, peer, change, state, created_ms, updated_ms)"
        " VALUES (?, 'count', ?, ?, 'waiting', ?, ?) ON CONFLICT (study_id, kind, peer)"
        " DO UPDATE SET change = excluded.change, state = 'waiting', tries = 0, due_boot_id = '',"
        " reason = '', updated_ms = excluded.updated_ms",
        study,
        peer,
        change,
        stamp.wall_ms,
        stamp.wall_ms);
  });
}

std::optional<CountState> SqliteArchiveRequests::Counts(StudyId study,
                                                        const std::string& peer) const {
  return connections_.Read([&](Database& database) -> std::optional<CountState> {
    const Stamp stamp(clock_);
    Statement found(database,
                    "SELECT id, state, change, reason, answered_boot_id, answered_boot_ms"
                    " FROM archive_requests WHERE study_id = ? AND kind = 'count' AND peer = ?");
    if (!found.Bind(study).Bind(peer).Step())
      return std::nullopt;
    CountState state;
    const std::int64_t id = found.Integer();
    state.progress = ProgressFrom(found.Text());
    state.change = found.Integer();
    state.reason = found.Text();
    const bool this_boot = found.Text() == stamp.boot_id;
    const std::int64_t since = this_boot ? found.Integer() : 0;
    state.answered_ago =
        std::chrono::milliseconds(std::max<std::int64_t>(stamp.boot_ms - since, 0));
    state.series = SeriesOf(database, id);
    return state;
  });
}

void SqliteArchiveRequests::AskPriors(StudyId study, const std::string& peer) {
  constexpr std::string_view kAsked =
      "SELECT id FROM archive_requests WHERE study_id = ? AND kind = 'priors' LIMIT 1";
  const bool asked = connections_.Read(
      [&](Database& database) { return database.Integer(kAsked, study).has_value(); });
  if (asked)
    return;
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    database.Run(
        "INSERT OR IGNORE INTO archive_requests (study_id, kind, peer, change, state, created_ms,"
        " updated_ms) VALUES (?, 'priors', ?, 0, 'waiting', ?, ?)",
        study,
        peer,
        stamp.wall_ms,
        stamp.wall_ms);
  });
}

bool SqliteArchiveRequests::PriorsAwaited(StudyId study) const {
  return connections_.Read([&](Database& database) {
    return database
        .Integer(
            "SELECT id FROM archive_requests WHERE study_id = ? AND kind = 'priors'"
            " AND state = 'waiting' LIMIT 1",
            study)
        .has_value();
  });
}

std::optional<ArchiveRequest> SqliteArchiveRequests::Begin(ArchiveRequestKind kind,
                                                           const std::string& peer) {
  const Stamp stamp(clock_);
  // The retriever asks often: do not take the write lock for a no.
  const bool any = connections_.Read([&](Database& database) {
    static const std::string sql = std::string("SELECT id FROM archive_requests WHERE ")
                                       .append(kWaitsForPeer)
                                       .append(kIsDue)
                                       .append(" LIMIT 1");
    return database.Integer(sql, NameOf(kind), peer, stamp.boot_id, stamp.boot_ms).has_value();
  });
  if (!any)
    return std::nullopt;
  return connections_.Write([&](Database& database) -> std::optional<ArchiveRequest> {
    static const std::string fail =
        std::string(
            "UPDATE archive_requests SET state = 'failed', reason = 'the retriever died of"
            " it', updated_ms = ? WHERE tries >= ? AND ")
            .append(kWaitsForPeer)
            .append(kIsDue);
    database.Run(
        fail, stamp.wall_ms, kMaxArchiveTries, NameOf(kind), peer, stamp.boot_id, stamp.boot_ms);
    GiveUpPriors(database, stamp);
    static const std::string next =
        std::string(
            "SELECT r.id, r.study_id, s.study_instance_uid, r.change, r.tries + 1"
            " FROM archive_requests r JOIN studies s ON s.id = r.study_id WHERE r.id ="
            " (SELECT id FROM archive_requests WHERE ")
            .append(kWaitsForPeer)
            .append(kIsDue)
            .append(" ORDER BY tries, id LIMIT 1)");
    ArchiveRequest request;
    {
      Statement found(database, next);
      if (!found.Bind(NameOf(kind)).Bind(peer).Bind(stamp.boot_id).Bind(stamp.boot_ms).Step())
        return std::nullopt;
      request.kind = kind;
      request.peer = peer;
      request.id = found.Integer();
      request.study = found.Integer();
      request.study_instance_uid = Uid(found.Text());
      request.change = found.Integer();
      request.tries = found.Int();
    }
    database.Run(
        "UPDATE archive_requests SET tries = ?, due_boot_id = ?, due_boot_ms = ?, updated_ms = ?"
        " WHERE id = ?",
        request.tries,
        stamp.boot_id,
        stamp.boot_ms + PauseMs(request.tries),
        stamp.wall_ms,
        request.id);
    return request;
  });
}

bool SqliteArchiveRequests::AnswerCounts(const ArchiveRequest& request,
                                         const std::vector<SeriesCount>& series) {
  return connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    static const std::string sql =
        std::string(
            "UPDATE archive_requests SET state = 'answered', reason = '',"
            " answered_boot_id = ?, answered_boot_ms = ?, updated_ms = ?")
            .append(kLent);
    const int ended = database.Run(sql,
                                   stamp.boot_id,
                                   stamp.boot_ms,
                                   stamp.wall_ms,
                                   request.id,
                                   request.change,
                                   request.tries);
    if (ended == 0)
      return false;
    database.Run("DELETE FROM archive_counts WHERE request_id = ?", request.id);
    for (const SeriesCount& count : series) {
      database.Run(
          "INSERT OR REPLACE INTO archive_counts (request_id, series_instance_uid, instances)"
          " VALUES (?, ?, ?)",
          request.id,
          count.series_instance_uid.value(),
          count.instances);
    }
    return true;
  });
}

bool SqliteArchiveRequests::EndPriors(const ArchiveRequest& request) {
  return connections_.Write([&](Database& database) {
    static const std::string sql =
        std::string("UPDATE archive_requests SET state = 'answered', reason = '', updated_ms = ?")
            .append(kLent);
    return database.Run(sql, Stamp(clock_).wall_ms, request.id, request.change, request.tries) == 1;
  });
}

bool SqliteArchiveRequests::Fail(const ArchiveRequest& request,
                                 const std::string& reason,
                                 bool again) {
  return connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const bool ends = !again || request.tries >= kMaxArchiveTries;
    static const std::string sql =
        std::string(
            "UPDATE archive_requests SET state = ?, reason = ?, due_boot_id = ?,"
            " due_boot_ms = ?, updated_ms = ?")
            .append(kLent);
    const bool noted = database.Run(sql,
                                    ends ? "failed" : "waiting",
                                    reason,
                                    stamp.boot_id,
                                    stamp.boot_ms + PauseMs(request.tries),
                                    stamp.wall_ms,
                                    request.id,
                                    request.change,
                                    request.tries) == 1;
    if (ends)
      GiveUpPriors(database, stamp);
    return noted;
  });
}

}  // namespace necknode::storage
