#include "admin/timeline.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "admin/views.h"

namespace necknode::admin {
namespace {

using nlohmann::json;

struct Event {
  WallTime time{};
  int order = 0;  ///< of events at the same time
  json value;
};

class Timeline {
 public:
  /// Nothing where `time` is the epoch: it never happened.
  json* Add(WallTime time, const char* event, const std::string& text, const char* level = "info") {
    if (time == WallTime{}) {
      return nullptr;
    }
    events_.push_back(
        {time,
         static_cast<int>(events_.size()),
         {{"time", Iso8601(time)}, {"event", event}, {"text", text}, {"level", level}}});
    return &events_.back().value;
  }
  void AddOfJob(const storage::Job& job,
                WallTime time,
                const char* event,
                const std::string& text,
                const char* level = "info") {
    if (json* added = Add(time, event, text, level)) {
      (*added)["job"] = job.id;
    }
  }
  void AddOfRow(const storage::OutboxRow& row,
                WallTime time,
                const char* event,
                const std::string& text,
                const char* level = "info") {
    if (json* added = Add(time, event, text, level)) {
      (*added)["row"] = row.id;
      (*added)["job"] = row.job;
    }
  }
  json Sorted() {
    std::sort(events_.begin(), events_.end(), [](const Event& one, const Event& other) {
      return std::pair(one.time, one.order) < std::pair(other.time, other.order);
    });
    json sorted = json::array();
    for (Event& event : events_) {
      sorted.push_back(std::move(event.value));
    }
    return sorted;
  }

 private:
  std::vector<Event> events_;
};

std::string After(const std::string& text, const std::string& reason) {
  return reason.empty() ? text : text + ": " + reason;
}

// The row keeps the last decision; that its first job was made tells of the first one.
WallTime FirstComplete(const storage::StudySummary& summary) {
  WallTime first = summary.study.decided;
  for (const storage::Job& job : summary.jobs) {
    first = std::min(first, job.created);
  }
  return first;
}

void AddStudy(Timeline& timeline, const StudyStory& story) {
  const storage::StudyRow& study = story.summary.study;
  const WallTime complete = FirstComplete(story.summary);
  const bool again = complete < study.decided;
  timeline.Add(study.first_received, "received", "first object received");
  if (study.last_received != study.first_received) {
    const std::string objects = std::to_string(study.instances) + " objects";
    timeline.Add(study.last_received,
                 "received",
                 again && study.last_received > complete
                     ? "something came late or again: " + objects + " now"
                     : "last of " + objects + " received");
  }
  for (const storage::AuditRow& row : story.stored) {
    if (row.event.outcome == "new revision") {
      timeline.Add(row.time,
                   "received",
                   "objects came again with other bytes, which count from now on",
                   "warning");
    }
  }
  if (again) {
    timeline.Add(complete, "complete", "complete and decided on");
  }
  timeline.Add(study.decided,
               "complete",
               After(again ? "decided on again" : "complete and decided on", study.reason));
  for (const storage::SeriesSummary& series : story.series) {
    if (series.route.empty()) {
      continue;
    }
    const std::string name =
        series.series_number ? "series " + std::to_string(*series.series_number) : "a series";
    timeline.Add(
        study.decided,
        series.selected ? "selected" : "refused",
        After(name + (series.selected ? " selected" : " refused") + " by route " + series.route,
              series.reason));
  }
  if (study.state == "parked") {
    timeline.Add(study.parked, "parked", After("study parked", study.reason), "error");
  }
}

void AddEnd(Timeline& timeline, const storage::Job& job, const std::string& name) {
  using storage::JobState;
  const std::string state(storage::ToString(job.state));
  switch (job.state) {
    case JobState::kQueued:
    case JobState::kRunning:
      return;
    case JobState::kParked:
      timeline.AddOfJob(job, job.updated, "parked", After(name + " parked", job.reason), "error");
      return;
    case JobState::kSuperseded:
    case JobState::kCancelled:
      timeline.AddOfJob(job,
                        job.updated,
                        job.state == JobState::kCancelled ? "cancelled" : "superseded",
                        After(name + " " + state, job.reason));
      return;
    case JobState::kFailed:
      timeline.AddOfJob(
          job, job.finished, "job_finished", After(name + " failed", job.reason), "error");
      return;
    case JobState::kNotEligible:
      timeline.AddOfJob(
          job, job.finished, "job_finished", After(name + ": not eligible", job.reason), "warning");
      return;
    case JobState::kSameContent:
      timeline.AddOfJob(
          job, job.finished, "job_finished", After(name + ": same content", job.summary));
      return;
    case JobState::kDone:
      timeline.AddOfJob(job,
                        job.finished,
                        "job_finished",
                        After(name + " done", job.summary.empty() ? job.reason : job.summary));
      return;
  }
}

void AddJob(Timeline& timeline, const storage::Job& job) {
  const std::string name = "job " + std::to_string(job.id);
  timeline.AddOfJob(job,
                    job.created,
                    "job_made",
                    name + " made for route " + job.route + ", model " + job.package + ", " +
                        std::to_string(job.slices) + " slices");
  timeline.AddOfJob(
      job, job.started, "job_started", name + " started, attempt " + std::to_string(job.attempt));
  AddEnd(timeline, job, name);
}

void AddRow(Timeline& timeline, const storage::OutboxRow& row) {
  const std::string to = row.kind + " to " + row.destination;
  timeline.AddOfRow(row, row.delivered, "delivered", row.kind + " delivered to " + row.destination);
  timeline.AddOfRow(
      row, row.committed, "committed", row.destination + " has committed itself to " + row.kind);
  if (row.state == storage::OutboxState::kParked) {
    const std::string what = After(After(to + " parked", row.last_status), row.reason);
    timeline.AddOfRow(row, row.updated, "parked", what, "error");
  } else if (row.state == storage::OutboxState::kWaiting && !row.last_status.empty()) {
    timeline.AddOfRow(row,
                      row.updated,
                      "waiting",
                      After(After(to + " not taken yet", row.last_status), row.reason),
                      "warning");
  } else if (row.state == storage::OutboxState::kWithheld) {
    timeline.AddOfRow(row, row.created, "withheld", After(to + " withheld", row.reason), "warning");
  }
}

// "0x0110" of "row=1 kind=SR status=0x0110", as scp/result_sent_event.cpp writes it.
std::string StatusIn(const std::string& detail) {
  constexpr std::string_view kName = "status=";
  const auto at = detail.find(kName);
  return at == std::string::npos ? "" : detail.substr(at + kName.size());
}

// A row knows only the last time that it was delivered or parked; the audit trail knows each.
void AddEarlier(Timeline& timeline, const StudyStory& story) {
  std::set<std::pair<std::int64_t, std::string>> latest;  // that the rows themselves tell of
  for (const storage::OutboxRow& row : story.rows) {
    if (row.delivered != WallTime{}) {
      latest.emplace(row.id, "delivered");
    }
    if (row.state == storage::OutboxState::kParked) {
      latest.emplace(row.id, "parked");
    }
  }
  for (const storage::AuditRow& sent : story.sent) {
    const std::string& outcome = sent.event.outcome;
    const auto row = std::find_if(story.rows.begin(), story.rows.end(), [&](const auto& one) {
      return sent.event.detail.starts_with("row=" + std::to_string(one.id) + " ");
    });
    const bool parked = outcome == "parked";
    if (row == story.rows.end() || !(parked || outcome == "delivered") ||
        latest.erase({row->id, outcome}) > 0) {
      continue;
    }
    timeline.AddOfRow(*row,
                      sent.time,
                      outcome.c_str(),
                      parked ? After(row->kind + " to " + row->destination + " parked",
                                     StatusIn(sent.event.detail))
                             : row->kind + " delivered to " + row->destination,
                      parked ? "warning" : "info");
  }
}

// A job knows only its last start.
void AddDeaths(Timeline& timeline, const StudyStory& story) {
  for (auto row = story.jobs.rbegin(); row != story.jobs.rend(); ++row) {
    if (row->event.outcome == "worker died") {
      timeline.Add(row->time, "worker_died", row->event.detail + ": its worker died", "warning");
    }
  }
}

}  // namespace

json TimelineOf(const StudyStory& story) {
  Timeline timeline;
  AddStudy(timeline, story);
  for (auto job = story.summary.jobs.rbegin(); job != story.summary.jobs.rend(); ++job) {
    AddJob(timeline, *job);
  }
  for (auto row = story.rows.rbegin(); row != story.rows.rend(); ++row) {
    AddRow(timeline, *row);
  }
  AddEarlier(timeline, story);
  AddDeaths(timeline, story);
  for (auto act = story.acts.rbegin(); act != story.acts.rend(); ++act) {
    const storage::AuditEvent& event = act->event;
    timeline.Add(
        act->time,
        "person",
        After(event.context.user + ": " + event.event + " " + event.outcome, event.detail));
  }
  return timeline.Sorted();
}

}  // namespace necknode::admin
