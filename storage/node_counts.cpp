#include "storage/node_counts.h"

#include <algorithm>

#include "storage/job_rows.h"

namespace necknode::storage {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr int kHours = 24;
constexpr int kLastResults = 8;

template <typename... Values>
int Count(Database& database, std::string_view sql, const Values&... values) {
  return static_cast<int>(database.Integer(sql, values...).value_or(0));
}

std::chrono::milliseconds Since(std::optional<std::int64_t> wall_ms, const Stamp& stamp) {
  return std::chrono::milliseconds(wall_ms ? std::max<std::int64_t>(stamp.wall_ms - *wall_ms, 0)
                                           : 0);
}

void CountStudiesAndJobs(Database& database, const Stamp& stamp, NodeCounts& counts) {
  const std::int64_t day_ago = stamp.wall_ms - kHours * kHourMs;
  counts.studies = Count(database, "SELECT COUNT(*) FROM studies");
  counts.receiving = Count(
      database, "SELECT COUNT(*) FROM studies WHERE change <> considered AND state <> 'parked'");
  counts.parked_studies = Count(database, "SELECT COUNT(*) FROM studies WHERE state = 'parked'");
  counts.queued = Count(database, "SELECT COUNT(*) FROM jobs WHERE state = 'queued'");
  counts.running = Count(database, "SELECT COUNT(*) FROM jobs WHERE state = 'running'");
  counts.parked_jobs = Count(database, "SELECT COUNT(*) FROM jobs WHERE state = 'parked'");
  counts.failed_24h = Count(
      database,
      "SELECT COUNT(*) FROM jobs WHERE finished_ms > 0 AND finished_ms >= ? AND state = 'failed'",
      day_ago);
  counts.oldest_queued = Since(
      database.Integer("SELECT MIN(queued_since_ms) FROM jobs WHERE state = 'queued'"), stamp);
}

void CountOutbox(Database& database, const Stamp& stamp, NodeCounts& counts) {
  std::map<std::string, NodeCounts::Destination> destinations;
  {
    Statement rows(database,
                   "SELECT destination, state, COUNT(*), MIN(waiting_since_ms) FROM outbox"
                   " WHERE state <> 'delivered' GROUP BY destination, state");
    while (rows.Step()) {
      auto& destination = destinations[rows.Text()];
      const std::string state = rows.Text();
      const int count = rows.Int();
      if (state == "waiting") {
        destination.waiting = count;
        destination.oldest_waiting = Since(rows.Integer(), stamp);
      } else {
        (state == "parked" ? destination.parked : destination.withheld) = count;
      }
    }
  }
  Statement rows(database,
                 "SELECT destination, COUNT(*) FROM outbox WHERE delivered_ms > 0"
                 " AND delivered_ms >= ? GROUP BY destination");
  rows.Bind(stamp.wall_ms - kHours * kHourMs);
  while (rows.Step()) {
    auto& destination = destinations[rows.Text()];
    destination.delivered_24h = rows.Int();
  }
  for (auto& [name, destination] : destinations) {
    destination.name = name;
    counts.outbox.push_back(std::move(destination));
  }
}

// Adds to the hours what a query of hour numbers and counts says.
void AddHours(Database& database,
              const std::string& sql,
              std::int64_t first,
              int NodeCounts::Hour::*member,
              std::vector<NodeCounts::Hour>& hours) {
  Statement rows(database, sql);
  rows.Bind(first * kHourMs);
  while (rows.Step()) {
    const std::int64_t hour = rows.Integer() - first;
    if (hour >= 0 && hour < kHours)
      hours[static_cast<std::size_t>(hour)].*member = rows.Int();
  }
}

void CountHours(Database& database, const Stamp& stamp, NodeCounts& counts) {
  const std::int64_t first = stamp.wall_ms / kHourMs - kHours + 1;
  counts.hours.resize(kHours);
  for (int i = 0; i < kHours; ++i)
    counts.hours[static_cast<std::size_t>(i)].begin = WallTimeOf((first + i) * kHourMs);
  using Hour = NodeCounts::Hour;
  AddHours(
      database,
      "SELECT received_ms / 3600000, COUNT(*) FROM instances WHERE received_ms >= ? GROUP BY 1",
      first,
      &Hour::instances,
      counts.hours);
  AddHours(database,
           "SELECT first_received_ms / 3600000, COUNT(*) FROM studies WHERE first_received_ms >= ?"
           " GROUP BY 1",
           first,
           &Hour::studies,
           counts.hours);
  AddHours(database,
           "SELECT finished_ms / 3600000, COUNT(*) FROM jobs WHERE finished_ms > 0"
           " AND finished_ms >= ? AND state = 'done' GROUP BY 1",
           first,
           &Hour::jobs_done,
           counts.hours);
}

}  // namespace

NodeCounts CountNode(Database& database, const Stamp& stamp) {
  NodeCounts counts;
  CountStudiesAndJobs(database, stamp, counts);
  CountOutbox(database, stamp, counts);
  CountHours(database, stamp, counts);
  Statement quarantine(database, "SELECT COUNT(*), SUM(bytes) FROM quarantine");
  quarantine.Step();
  counts.quarantined = quarantine.Int();
  counts.quarantined_bytes = static_cast<std::uint64_t>(quarantine.Integer());
  counts.last_results = SelectJobs(database,
                                   "WHERE j.finished_ms > 0 AND j.state IN"
                                   " ('done', 'same_content', 'not_eligible', 'failed')"
                                   " ORDER BY j.finished_ms DESC, j.id DESC LIMIT ?",
                                   kLastResults);
  return counts;
}

}  // namespace necknode::storage
