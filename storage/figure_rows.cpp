#include "storage/figure_rows.h"

#include <algorithm>

#include "storage/job_queue.h"

namespace necknode::storage {
namespace {

double SecondsSince(std::int64_t wall_ms, const Stamp& stamp) {
  return static_cast<double>(std::max<std::int64_t>(stamp.wall_ms - wall_ms, 0)) / 1000;
}

void CountStates(Database& database,
                 std::string_view query,
                 std::map<std::string, std::int64_t>& states) {
  Statement rows(database, query);
  while (rows.Step()) {
    const std::string state = rows.Text();
    states[state] = rows.Integer();
  }
}

}  // namespace

NodeFigures ReadFigures(Database& database, const Stamp& stamp) {
  NodeFigures figures;
  figures.now = WallTimeOf(stamp.wall_ms);
  figures.studies = {{"receiving", 0}, {"decided", 0}, {"parked", 0}};
  CountStates(database, "SELECT state, COUNT(*) FROM studies GROUP BY state", figures.studies);
  for (const JobState state : {JobState::kQueued,
                               JobState::kRunning,
                               JobState::kDone,
                               JobState::kSameContent,
                               JobState::kNotEligible,
                               JobState::kFailed,
                               JobState::kParked,
                               JobState::kSuperseded,
                               JobState::kCancelled}) {
    figures.jobs[std::string(ToString(state))] = 0;
  }
  CountStates(database, "SELECT state, COUNT(*) FROM jobs GROUP BY state", figures.jobs);
  if (const auto oldest =
          database.Integer("SELECT MIN(queued_since_ms) FROM jobs WHERE state = 'queued'")) {
    figures.oldest_queued_s = SecondsSince(*oldest, stamp);
  }
  {
    Statement rows(database,
                   "SELECT destination, state, COUNT(*) FROM outbox GROUP BY state, destination");
    while (rows.Step()) {
      const std::string destination = rows.Text();
      const std::string state = rows.Text();
      figures.outbox[{destination, state}] = rows.Integer();
    }
  }
  {
    Statement rows(database,
                   "SELECT destination, MIN(waiting_since_ms) FROM outbox WHERE state = 'waiting'"
                   " GROUP BY destination");
    while (rows.Step()) {
      const std::string destination = rows.Text();
      figures.oldest_waiting_s[destination] = SecondsSince(rows.Integer(), stamp);
    }
  }
  {
    Statement row(database, "SELECT COUNT(*), SUM(bytes) FROM quarantine");
    if (row.Step()) {
      figures.quarantine_objects = row.Integer();
      figures.quarantine_bytes = static_cast<std::uint64_t>(row.Integer());
    }
  }
  const std::int64_t newest = database.Integer("SELECT MAX(id) FROM audit").value_or(0);
  Statement servers(database, "SELECT server, sent_id FROM audit_servers");
  while (servers.Step()) {
    const std::string server = servers.Text();
    figures.audit_unsent[server] = newest - servers.Integer();
  }
  return figures;
}

}  // namespace necknode::storage
