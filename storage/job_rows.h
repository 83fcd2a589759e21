#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/connections.h"
#include "storage/job_queue.h"

namespace necknode::storage {

/// T2's part for one job: made, queued again where it was superseded, left alone where its key
/// exists otherwise.
void MakeJob(Database& database, StudyId study, const NewJob& job, const Stamp& stamp);

/// T3's rows but for the job's own: results and one outbox row for each delivery.
void AddResults(Database& database, const Job& job, const JobResult& result, const Stamp& stamp);

[[nodiscard]] JobState JobStateFrom(std::string_view text);

/// Begins a query of jobs `j` with their studies `s`.
inline constexpr std::string_view kSelectJobs =
    "SELECT j.id, j.job_key, j.study_id, s.study_instance_uid, j.series_instance_uid, j.route,"
    " j.package, j.package_digest, j.slices, j.state, j.reason, j.owner, j.attempt, j.deaths_alone,"
    " j.parsing, j.slices_done, j.created_ms, j.updated_ms, j.analysis_digest, j.incomplete,"
    " j.summary, j.started_ms, j.finished_ms"
    " FROM jobs j JOIN studies s ON s.id = j.study_id ";

[[nodiscard]] Job ReadJob(Statement& from);

template <typename... Values>
std::vector<Job> SelectJobs(Database& database, std::string_view tail, const Values&... values) {
  Statement rows(database, std::string(kSelectJobs).append(tail));
  (rows.Bind(values), ...);
  std::vector<Job> jobs;
  while (rows.Step())
    jobs.push_back(ReadJob(rows));
  return jobs;
}

template <typename... Values>
std::optional<Job> SelectJob(Database& database, std::string_view tail, const Values&... values) {
  auto jobs = SelectJobs(database, tail, values...);
  return jobs.empty() ? std::nullopt : std::optional(std::move(jobs.front()));
}

/// Results of the job's last attempt that ended with any.
[[nodiscard]] std::vector<NewResult> ResultsOfJob(Database& database, std::int64_t job);

/// Why `result` cannot be made durable, as Error(kInvalidArgument).
void CheckResult(const JobResult& result);

}  // namespace necknode::storage
