#include "storage/sqlite_job_queue.h"

#include <limits>

#include "storage/job_rows.h"
#include "storage/records.h"
#include "storage/study_rows.h"

namespace necknode::storage {
namespace {

constexpr std::string_view kExpired =
    "state = 'running' AND (lease_boot_id <> ? OR lease_boot_ms <= ?)";

bool AnythingToLend(Database& database, const Stamp& stamp) {
  static const std::string sql = std::string("SELECT id FROM jobs WHERE (state = 'queued' AND ")
                                     .append(kIsDue)
                                     .append(") OR (")
                                     .append(kExpired)
                                     .append(") LIMIT 1");
  return database.Integer(sql, stamp.boot_id, stamp.boot_ms, stamp.boot_id, stamp.boot_ms)
      .has_value();
}

// The audit row of what a person did with a job, or the error that says why it was not done.
void NotePerson(Database& database,
                std::int64_t job,
                bool done,
                const std::string& outcome,
                const std::string& refusal,
                const std::string& user,
                const Stamp& stamp) {
  const auto found = SelectJob(database, "WHERE j.id = ?", job);
  if (!found)
    throw Error(ErrorCode::kNotFound, "there is no job " + std::to_string(job));
  if (!done) {
    const bool parked =
        database.Integer("SELECT 1 FROM studies WHERE id = ? AND state = 'parked'", found->study)
            .has_value();
    throw Error(ErrorCode::kConflict,
                "job " + std::to_string(job) + " is " + std::string(ToString(found->state)) +
                    (parked ? " and its study is parked: " : ": ") + refusal);
  }
  AddAudit(database,
           {"job",
            "person",
            outcome,
            "job " + std::to_string(job),
            {.user = user, .study = found->study}},
           stamp);
}

}  // namespace

std::optional<Job> SqliteJobQueue::Acquire(const std::string& owner,
                                           std::chrono::milliseconds lease) {
  const Stamp stamp(clock_);
  // Idle workers ask often: do not take the write lock for a no.
  const bool any =
      connections_.Read([&](Database& database) { return AnythingToLend(database, stamp); });
  if (!any)
    return std::nullopt;
  Removals removals;
  auto job = connections_.Write([&](Database& database) {
    static const std::string expired = std::string("WHERE j.").append(kExpired);
    for (const auto& dead : SelectJobs(database, expired, stamp.boot_id, stamp.boot_ms)) {
      CountDeath(database, dead, stamp, removals);
    }
    return Lend(database, owner, lease, stamp);
  });
  removals.Carry(files_);
  return job;
}

std::optional<Job> SqliteJobQueue::Lend(Database& database,
                                        const std::string& owner,
                                        std::chrono::milliseconds lease,
                                        const Stamp& stamp) {
  const auto held =
      database.Integer("SELECT COUNT(*) FROM jobs WHERE state = 'running' AND owner = ?", owner);
  const auto held_alone = database.Integer(
      "SELECT COUNT(*) FROM jobs WHERE state = 'running' AND owner = ? AND run_alone = 1", owner);
  if (held_alone.value_or(0) > 0)
    return std::nullopt;
  const bool shared = held.value_or(0) > 0;
  static const std::string next =
      std::string("SELECT id FROM jobs WHERE state = 'queued' AND run_alone <= ? AND ")
          .append(kIsDue)
          .append(" ORDER BY id LIMIT 1");
  const auto id = database.Integer(next, shared ? 0 : 1, stamp.boot_id, stamp.boot_ms);
  if (!id)
    return std::nullopt;
  if (shared) {
    database.Run("UPDATE jobs SET shared = 1 WHERE state = 'running' AND owner = ?", owner);
  }
  database.Run(
      "UPDATE jobs SET state = 'running', reason = '', owner = ?, attempt = attempt + 1,"
      " lease_boot_id = ?, lease_boot_ms = ?, shared = ?, parsing = '', slices_done = 0,"
      " started_ms = ?, updated_ms = ? WHERE id = ?",
      owner,
      stamp.boot_id,
      stamp.boot_ms + lease.count(),
      shared,
      stamp.wall_ms,
      stamp.wall_ms,
      *id);
  return SelectJob(database, "WHERE j.id = ?", *id);
}

void SqliteJobQueue::CountDeath(Database& database,
                                const Job& job,
                                const Stamp& stamp,
                                Removals& removals) {
  const bool alone = database.Integer("SELECT shared FROM jobs WHERE id = ?", job.id) == 0;
  const int queued = database.Run(
      "UPDATE jobs SET state = 'queued', reason = 'its worker died', owner = '', run_alone = 1,"
      " due_boot_id = '', deaths = deaths + 1, updated_ms = ? WHERE id = ? AND state = 'running'",
      stamp.wall_ms,
      job.id);
  if (queued == 0)
    return;  // the death counted just before has parked the whole study
  AddAudit(database,
           {"job", job.owner, "worker died", "job " + std::to_string(job.id), {.study = job.study}},
           stamp);
  if (!alone)
    return;
  database.Run(
      "UPDATE jobs SET deaths_alone = deaths_alone + 1, deaths_of_suspect ="
      " CASE WHEN parsing = '' THEN 0 WHEN parsing = suspect THEN deaths_of_suspect + 1 ELSE 1 END,"
      " suspect = parsing WHERE id = ?",
      job.id);
  if (job.deaths_alone + 1 < max_deaths_alone_)
    return;
  const auto same = database.Integer("SELECT deaths_of_suspect FROM jobs WHERE id = ?", job.id);
  if (same.value_or(0) >= max_deaths_alone_) {
    QuarantineSuspect(database, job, stamp, removals);
  } else {
    database.Run("UPDATE jobs SET state = 'parked', reason = ? WHERE id = ?",
                 "its worker died " + std::to_string(job.deaths_alone + 1) +
                     " times while it held only this job",
                 job.id);
  }
}

void SqliteJobQueue::QuarantineSuspect(Database& database,
                                       const Job& job,
                                       const Stamp& stamp,
                                       Removals& removals) {
  const std::string reason =
      "reading one object killed the worker " + std::to_string(job.deaths_alone + 1) + " times";
  std::string calling_ae;
  std::uint64_t bytes = 0;
  bool known = false;
  {
    Statement found(database,
                    "SELECT calling_ae, bytes FROM instances WHERE object_key = ?"
                    " AND state = 'stored'");
    if (found.Bind(job.parsing).Step()) {
      known = true;
      calling_ae = found.Text();
      bytes = static_cast<std::uint64_t>(found.Integer());
    }
  }
  if (known) {
    database.Run("UPDATE instances SET state = 'quarantined' WHERE object_key = ?", job.parsing);
    quarantine_.Add(
        database, ObjectKind::kReceived, job.parsing, bytes, calling_ae, reason, stamp, removals);
  }
  ParkStudy(database, job.study, reason, stamp);
}

bool SqliteJobQueue::Heartbeat(const Lease& lease,
                               int slices_done,
                               std::chrono::milliseconds duration) {
  return connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    return database.Run(
               "UPDATE jobs SET lease_boot_id = ?, lease_boot_ms = ?, slices_done = ?,"
               " updated_ms = ? WHERE id = ? AND attempt = ? AND state = 'running'",
               stamp.boot_id,
               stamp.boot_ms + duration.count(),
               slices_done,
               stamp.wall_ms,
               lease.job,
               lease.attempt) == 1;
  });
}

bool SqliteJobQueue::NoteParsing(const Lease& lease, const std::string& object_key) {
  return connections_.Write([&](Database& database) {
    return database.Run(
               "UPDATE jobs SET parsing = ? WHERE id = ? AND attempt = ? AND state = 'running'",
               object_key,
               lease.job,
               lease.attempt) == 1;
  });
}

bool SqliteJobQueue::Finish(const Lease& lease, const JobResult& result) {
  CheckResult(result);
  return connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const int ended = database.Run(
        "UPDATE jobs SET state = ?, reason = ?, summary = ?, suspicious_nodes = ?,"
        " analysis_digest = ?, owner = '', parsing = '', finished_ms = ?, updated_ms = ?,"
        " slices_done = CASE ?1 WHEN 'done' THEN slices ELSE slices_done END"
        " WHERE id = ? AND attempt = ? AND state = 'running'",
        ToString(result.state),
        result.reason,
        result.summary,
        result.suspicious_nodes,
        result.analysis_digest,
        stamp.wall_ms,
        stamp.wall_ms,
        lease.job,
        lease.attempt);
    if (ended != 1)
      return false;
    const auto job = SelectJob(database, "WHERE j.id = ?", lease.job);
    AddResults(database, *job, result, stamp);
    return true;
  });
}

bool SqliteJobQueue::Retry(const Lease& lease,
                           const std::string& reason,
                           std::chrono::milliseconds delay) {
  return connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    return database.Run(
               "UPDATE jobs SET state = 'queued', reason = ?, owner = '', parsing = '',"
               " due_boot_id = ?, due_boot_ms = ?, updated_ms = ?"
               " WHERE id = ? AND attempt = ? AND state = 'running'",
               reason,
               stamp.boot_id,
               stamp.boot_ms + delay.count(),
               stamp.wall_ms,
               lease.job,
               lease.attempt) == 1;
  });
}

bool SqliteJobQueue::Park(const Lease& lease, const std::string& reason) {
  return connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    return database.Run(
               "UPDATE jobs SET state = 'parked', reason = ?, owner = '', parsing = '',"
               " updated_ms = ? WHERE id = ? AND attempt = ? AND state = 'running'",
               reason,
               stamp.wall_ms,
               lease.job,
               lease.attempt) == 1;
  });
}

int SqliteJobQueue::ReleaseOwner(const std::string& owner) {
  Removals removals;
  const int released = connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const auto jobs =
        SelectJobs(database, "WHERE j.state = 'running' AND j.owner = ? ORDER BY j.id", owner);
    for (const auto& job : jobs)
      CountDeath(database, job, stamp, removals);
    return static_cast<int>(jobs.size());
  });
  removals.Carry(files_);
  return released;
}

void SqliteJobQueue::Requeue(std::int64_t job, const std::string& user) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const int queued = database.Run(
        "UPDATE jobs SET state = 'queued', reason = '', due_boot_id = '', deaths_alone = 0,"
        " suspect = '', deaths_of_suspect = 0, finished_ms = 0, queued_since_ms = ?1,"
        " updated_ms = ?1 WHERE id = ?2"
        " AND state IN ('parked', 'failed', 'cancelled', 'not_eligible')"
        " AND study_id NOT IN (SELECT id FROM studies WHERE state = 'parked')",
        stamp.wall_ms,
        job);
    NotePerson(database, job, queued == 1, "requeued", "it cannot be queued again", user, stamp);
  });
}

void SqliteJobQueue::Cancel(std::int64_t job, const std::string& user) {
  connections_.Write([&](Database& database) {
    const Stamp stamp(clock_);
    const int cancelled = database.Run(
        "UPDATE jobs SET state = 'cancelled', reason = 'cancelled by a person', owner = '',"
        " parsing = '', finished_ms = ?, updated_ms = ? WHERE id = ?"
        " AND state IN ('queued', 'running', 'parked')",
        stamp.wall_ms,
        stamp.wall_ms,
        job);
    NotePerson(
        database, job, cancelled == 1, "cancelled", "there is nothing to cancel", user, stamp);
  });
}

std::optional<Job> SqliteJobQueue::Find(std::int64_t job) const {
  return connections_.Read(
      [&](Database& database) { return SelectJob(database, "WHERE j.id = ?", job); });
}

std::vector<Job> SqliteJobQueue::List(int limit) const {
  return connections_.Read([&](Database& database) {
    return SelectJobs(database, "ORDER BY j.id DESC LIMIT ?", AtMost(limit));
  });
}

std::vector<Job> SqliteJobQueue::OfStudy(StudyId study) const {
  return connections_.Read([&](Database& database) {
    return SelectJobs(database, "WHERE j.study_id = ? ORDER BY j.id DESC", study);
  });
}

std::optional<Job> SqliteJobQueue::FindSameContent(const Job& job,
                                                   const std::string& analysis_digest) const {
  if (analysis_digest.empty())
    return std::nullopt;
  return connections_.Read([&](Database& database) {
    return SelectJob(database,
                     "WHERE j.study_id = ? AND j.analysis_digest = ? AND j.route = ?"
                     " AND j.package_digest = ? AND j.state = 'done' AND j.id <> ?"
                     " ORDER BY j.id DESC LIMIT 1",
                     job.study,
                     analysis_digest,
                     job.route,
                     job.package_digest,
                     job.id);
  });
}

std::vector<NewResult> SqliteJobQueue::PredecessorResults(const Job& job) const {
  return connections_.Read([&](Database& database) {
    // Result numbers ascend in the order in which jobs finished; job numbers need not.
    const auto before = database.Integer("SELECT MIN(id) FROM results WHERE job_id = ?", job.id);
    const auto predecessor = database.Integer(
        "SELECT r.job_id FROM results r JOIN jobs j ON j.id = r.job_id WHERE j.study_id = ?"
        " AND j.route = ? AND j.state = 'done' AND j.id <> ? AND r.id < ?"
        " ORDER BY r.id DESC LIMIT 1",
        job.study,
        job.route,
        job.id,
        before.value_or(std::numeric_limits<std::int64_t>::max()));
    return predecessor ? ResultsOfJob(database, *predecessor) : std::vector<NewResult>();
  });
}

std::vector<NewResult> SqliteJobQueue::ResultsOf(std::int64_t job) const {
  return connections_.Read([&](Database& database) { return ResultsOfJob(database, job); });
}

}  // namespace necknode::storage
