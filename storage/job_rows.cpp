#include "storage/job_rows.h"

#include <array>
#include <utility>

#include "core/error.h"

namespace necknode::storage {
namespace {

constexpr std::array<std::pair<JobState, std::string_view>, 9> kJobStates = {{
    {JobState::kQueued, "queued"},
    {JobState::kRunning, "running"},
    {JobState::kDone, "done"},
    {JobState::kSameContent, "same_content"},
    {JobState::kNotEligible, "not_eligible"},
    {JobState::kFailed, "failed"},
    {JobState::kParked, "parked"},
    {JobState::kSuperseded, "superseded"},
    {JobState::kCancelled, "cancelled"},
}};

}  // namespace

std::string_view ToString(JobState state) {
  for (const auto& [value, text] : kJobStates) {
    if (value == state)
      return text;
  }
  return "unknown";
}

JobState JobStateFrom(std::string_view text) {
  for (const auto& [value, name] : kJobStates) {
    if (name == text)
      return value;
  }
  throw Error(ErrorCode::kInternal, "unknown job state in the database");
}

Job ReadJob(Statement& from) {
  Job job;
  job.id = from.Integer();
  job.key = from.Text();
  job.study = from.Integer();
  job.study_instance_uid = Uid(from.Text());
  job.series_instance_uid = Uid(from.Text());
  job.route = from.Text();
  job.package = from.Text();
  job.package_digest = from.Text();
  job.slices = from.Int();
  job.state = JobStateFrom(from.Text());
  job.reason = from.Text();
  job.owner = from.Text();
  job.attempt = from.Int();
  job.deaths_alone = from.Int();
  job.parsing = from.Text();
  job.slices_done = from.Int();
  job.created = WallTimeOf(from.Integer());
  job.updated = WallTimeOf(from.Integer());
  job.analysis_digest = from.Text();
  job.incomplete = from.Text();
  job.summary = from.Text();
  job.started = WallTimeOf(from.Integer());
  job.finished = WallTimeOf(from.Integer());
  return job;
}

void MakeJob(Database& database, StudyId study, const NewJob& job, const Stamp& stamp) {
  if (job.supersedes) {
    database.Run(
        "UPDATE jobs SET state = 'superseded', reason = 'a newer job of the route', updated_ms = ?,"
        " finished_ms = ? WHERE study_id = ? AND route = ? AND job_key <> ?"
        " AND state IN ('queued', 'running', 'parked')",
        stamp.wall_ms,
        stamp.wall_ms,
        study,
        job.route,
        job.key);
  }
  const auto known = SelectJob(database, "WHERE j.job_key = ?", job.key);
  if (known) {
    if (known->state != JobState::kSuperseded)
      return;
    database.Run(
        "UPDATE jobs SET state = 'queued', reason = '', due_boot_id = '', owner = '',"
        " finished_ms = 0, queued_since_ms = ?1, updated_ms = ?1 WHERE id = ?2",
        stamp.wall_ms,
        known->id);
    return;
  }
  const auto analysed = database.Integer(
      "SELECT MAX(slices) FROM jobs WHERE study_id = ? AND series_instance_uid = ? AND route = ?"
      " AND state = 'done'",
      study,
      job.series_instance_uid.value(),
      job.route);
  const bool fewer = analysed && *analysed > job.slices;
  const std::string reason = fewer ? "fewer slices (" + std::to_string(job.slices) +
                                         ") than an earlier run of the series had (" +
                                         std::to_string(*analysed) + ")"
                                   : "";
  database.Run(
      "INSERT INTO jobs (job_key, study_id, series_instance_uid, route, package, package_digest,"
      " slices, state, reason, incomplete, created_ms, queued_since_ms, updated_ms)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?11)",
      job.key,
      study,
      job.series_instance_uid.value(),
      job.route,
      job.package,
      job.package_digest,
      job.slices,
      fewer ? "parked" : "queued",
      reason,
      job.incomplete,
      stamp.wall_ms);
}

void CheckResult(const JobResult& result) {
  const auto state = result.state;
  if (state != JobState::kDone && state != JobState::kSameContent &&
      state != JobState::kNotEligible && state != JobState::kFailed) {
    throw Error(ErrorCode::kInvalidArgument,
                "a job does not end as " + std::string(ToString(state)));
  }
  for (const auto& delivery : result.deliveries) {
    if (delivery.result >= result.results.size() ||
        (delivery.fallback && *delivery.fallback >= result.results.size())) {
      throw Error(ErrorCode::kInvalidArgument, "a delivery names a result that is not there");
    }
  }
}

void AddResults(Database& database, const Job& job, const JobResult& result, const Stamp& stamp) {
  std::vector<std::int64_t> ids;
  for (const auto& document : result.results) {
    database.Run(
        "INSERT INTO results (job_id, attempt, kind, sop_class_uid, sop_instance_uid,"
        " series_instance_uid, object_key, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        job.id,
        job.attempt,
        document.kind,
        document.sop_class_uid.value(),
        document.sop_instance_uid.value(),
        document.series_instance_uid.value(),
        document.object_key,
        document.bytes);
    ids.push_back(database.LastInsertId());
  }
  for (const auto& delivery : result.deliveries) {
    const auto fallback = delivery.fallback ? std::optional(ids[*delivery.fallback]) : std::nullopt;
    database.Run(
        "INSERT INTO outbox (job_id, study_id, destination, result_id, fallback_result_id, state,"
        " reason, created_ms, waiting_since_ms, updated_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?8)",
        job.id,
        job.study,
        delivery.destination,
        ids[delivery.result],
        fallback,
        delivery.withheld_reason.empty() ? "waiting" : "withheld",
        delivery.withheld_reason,
        stamp.wall_ms);
  }
}

std::vector<NewResult> ResultsOfJob(Database& database, std::int64_t job) {
  Statement rows(database,
                 "SELECT kind, sop_class_uid, sop_instance_uid, series_instance_uid, object_key,"
                 " bytes FROM results WHERE job_id = ? AND attempt ="
                 " (SELECT MAX(attempt) FROM results WHERE job_id = ?) ORDER BY id");
  rows.Bind(job).Bind(job);
  std::vector<NewResult> results;
  while (rows.Step()) {
    auto& result = results.emplace_back();
    result.kind = rows.Text();
    result.sop_class_uid = Uid(rows.Text());
    result.sop_instance_uid = Uid(rows.Text());
    result.series_instance_uid = Uid(rows.Text());
    result.object_key = rows.Text();
    result.bytes = static_cast<std::uint64_t>(rows.Integer());
  }
  return results;
}

}  // namespace necknode::storage
