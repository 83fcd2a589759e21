#include "admin/views.h"

#include <algorithm>

#include "admin/monitoring.h"

namespace necknode::admin {
namespace {

using nlohmann::json;

std::string Text(std::string_view text) { return std::string(text); }

std::string WithReason(const std::string& text, const std::string& reason) {
  return reason.empty() ? text : text + ": " + reason;
}

const storage::Job* NewestIn(const storage::StudySummary& summary, storage::JobState state) {
  const auto found = std::find_if(summary.jobs.begin(),
                                  summary.jobs.end(),
                                  [&](const storage::Job& job) { return job.state == state; });
  return found == summary.jobs.end() ? nullptr : &*found;
}

std::string AttentionText(const storage::StudySummary& summary) {
  using storage::JobState;
  if (summary.study.state == "parked") {
    return WithReason("parked", summary.study.reason);
  }
  for (const JobState state : {JobState::kParked, JobState::kFailed}) {
    if (const storage::Job* job = NewestIn(summary, state)) {
      return WithReason("job " + std::to_string(job->id) + " " + Text(storage::ToString(state)),
                        job->reason);
    }
  }
  return WithReason(Counted(summary.documents.parked, "document") + " parked",
                    summary.documents.reason);
}

std::string JobText(const storage::Job& job) {
  std::string text = "job " + std::to_string(job.id);
  if (job.state == storage::JobState::kRunning) {
    return text + ": " + std::to_string(job.slices_done) + " of " + Counted(job.slices, "slice") +
           " looked at";
  }
  return WithReason(text + " waits for a worker", job.reason);
}

std::string DoneText(const storage::StudySummary& summary) {
  std::string text;
  for (const auto state : {storage::JobState::kDone, storage::JobState::kSameContent}) {
    const storage::Job* job = NewestIn(summary, state);
    if (job != nullptr && text.empty()) {
      text = job->summary.empty() ? job->reason : job->summary;
    }
  }
  if (summary.documents.withheld > 0) {
    text += (text.empty() ? "" : "; ") +
            WithReason(Counted(summary.documents.withheld, "document") + " withheld",
                       summary.documents.reason);
  }
  return text;
}

json ObjectFrom(const std::string& text) {
  const json parsed = json::parse(text, nullptr, false);
  return parsed.is_object() ? parsed : json::object();
}

}  // namespace

std::string Counted(int count, const std::string& what) {
  const std::string text = std::to_string(count) + " ";
  if (count == 1) {
    return text + what;
  }
  return text + (what.ends_with('y') ? what.substr(0, what.size() - 1) + "ies" : what + "s");
}

json TimeAsJson(WallTime time) { return time == WallTime{} ? json(nullptr) : json(Iso8601(time)); }

std::string StatusText(const storage::StudySummary& summary) {
  using storage::JobState;
  const std::string& status = summary.status;
  if (status == "receiving") {
    return "images are arriving";
  }
  if (status == "waiting") {
    std::string awaited;
    for (const std::string& one : summary.awaited) {
      awaited += (awaited.empty() ? "waits for " : " and ") + one;
    }
    return awaited.empty() ? "complete, to be decided on" : awaited;
  }
  if (status == "attention") {
    return AttentionText(summary);
  }
  if (status == "analysing" || status == "queued") {
    const auto* job =
        NewestIn(summary, status == "queued" ? JobState::kQueued : JobState::kRunning);
    return job == nullptr ? "" : JobText(*job);
  }
  if (status == "sending") {
    return summary.documents.waiting == 0
               ? "a commitment is awaited"
               : WithReason(Counted(summary.documents.waiting, "document") + " to be delivered",
                            summary.documents.reason);
  }
  if (status == "done") {
    return DoneText(summary);
  }
  if (!summary.study.reason.empty()) {
    return summary.study.reason;
  }
  return summary.jobs.empty() ? "" : summary.jobs.front().reason;
}

json StudyAsJson(const storage::StudySummary& summary, const TextDecoder& text) {
  const storage::StudyRow& study = summary.study;
  json jobs = json::array();
  for (const storage::Job& job : summary.jobs) {
    jobs.push_back({{"id", job.id},
                    {"route", job.route},
                    {"state", Text(storage::ToString(job.state))},
                    {"summary", job.summary}});
  }
  const std::string& charset = study.specific_character_set;
  return {{"id", study.id},
          {"study_instance_uid", study.study_instance_uid.value()},
          {"patient_name", text(study.patient_name, charset)},
          {"patient_id", text(study.patient_id, charset)},
          {"study_date", study.study_date},
          {"description", text(PatientText(study.study_description), charset)},
          {"state", study.state},
          {"reason", study.reason},
          {"status", summary.status},
          {"status_text", StatusText(summary)},
          {"decided", study.considered == study.change},
          {"instances", study.instances},
          {"bytes", study.bytes},
          {"first_received", Iso8601(study.first_received)},
          {"last_received", Iso8601(study.last_received)},
          {"jobs", std::move(jobs)}};
}

json SeriesAsJson(const storage::SeriesSummary& series, const TextDecoder& text) {
  return {{"series_instance_uid", series.series_instance_uid.value()},
          {"series_number", series.series_number ? json(*series.series_number) : json(nullptr)},
          {"description", text(PatientText(series.description), series.specific_character_set)},
          {"modality", series.modality},
          {"instances", series.instances},
          {"route", series.route},
          {"selected", series.selected},
          {"reason", series.reason}};
}

json PriorAsJson(const storage::PriorStudy& prior) {
  return {{"study_instance_uid", prior.study_instance_uid.value()},
          {"peer", prior.peer},
          {"state", prior.state},
          {"instances", prior.instances},
          {"reason", prior.reason}};
}

json JobAsJson(const storage::Job& job) {
  return {{"id", job.id},
          {"study", job.study},
          {"study_instance_uid", job.study_instance_uid.value()},
          {"series_instance_uid", job.series_instance_uid.value()},
          {"route", job.route},
          {"package", job.package},
          {"state", Text(storage::ToString(job.state))},
          {"reason", job.reason},
          {"summary", job.summary},
          {"incomplete", job.incomplete},
          {"attempt", job.attempt},
          {"deaths_alone", job.deaths_alone},
          {"slices", job.slices},
          {"slices_done", job.slices_done},
          {"created", Iso8601(job.created)},
          {"started", TimeAsJson(job.started)},
          {"finished", TimeAsJson(job.finished)},
          {"updated", Iso8601(job.updated)}};
}

json JobAsJson(const storage::Job& job, const std::vector<storage::NewResult>& results) {
  json value = JobAsJson(job);
  json& documents = value["results"] = json::array();
  for (const storage::NewResult& result : results) {
    documents.push_back({{"kind", result.kind},
                         {"sop_class_uid", result.sop_class_uid.value()},
                         {"sop_instance_uid", result.sop_instance_uid.value()},
                         {"bytes", result.bytes}});
  }
  return value;
}

json OutboxRowAsJson(const storage::OutboxRow& row) {
  return {{"id", row.id},
          {"job", row.job},
          {"study", row.study},
          {"study_instance_uid", row.study_instance_uid.value()},
          {"destination", row.destination},
          {"kind", row.kind},
          {"sop_instance_uid", row.sop_instance_uid.value()},
          {"state", Text(storage::ToString(row.state))},
          {"commitment", row.commitment},
          {"attempts", row.attempts},
          {"due_in_s", static_cast<double>(row.due_in.count()) / 1000},
          {"last_status", row.last_status},
          {"reason", row.reason},
          {"created", Iso8601(row.created)},
          {"updated", Iso8601(row.updated)},
          {"delivered", TimeAsJson(row.delivered)},
          {"committed", TimeAsJson(row.committed)}};
}

json CommitmentRequestAsJson(const storage::CommitmentRequestRow& row) {
  return {{"id", row.id},
          {"calling_ae", row.calling_ae},
          {"transaction_uid", row.transaction_uid.value()},
          {"state", row.state},
          {"judged", row.judged},
          {"instances", row.instances},
          {"failed", row.failed},
          {"attempts", row.attempts},
          {"last_status", row.last_status},
          {"reason", row.reason}};
}

json QuarantineAsJson(const storage::QuarantineRow& row) {
  return {{"id", row.id},
          {"calling_ae", row.calling_ae},
          {"reason", row.reason},
          {"bytes", row.bytes},
          {"time", Iso8601(row.time)}};
}

json AuditAsJson(const storage::AuditRow& row) {
  const storage::AuditEvent& event = row.event;
  const storage::AuditContext& context = event.context;
  return {{"id", row.id},
          {"time", Iso8601(row.time)},
          {"event", event.event},
          {"subject", event.subject},
          {"outcome", event.outcome},
          {"detail", event.detail},
          {"peer_ae", context.peer_ae},
          {"own_ae", context.own_ae},
          {"host", context.host},
          {"user", context.user},
          {"instances", context.instances},
          {"study", context.study == 0 ? json(nullptr) : json(context.study)}};
}

json RoleAsJson(const storage::RoleStatus& role, WallTime now) {
  return {{"role", role.role},
          {"pid", role.pid},
          {"running", IsUp(role, now)},
          {"started", TimeAsJson(role.started)},
          {"updated", TimeAsJson(role.updated)},
          {"text", role.text}};
}

json PackageAsJson(const storage::PackageRow& package, const config::Config& config) {
  const auto slash = package.package.find('/');
  json routes = json::array();
  json shadow_of = json::array();
  for (const config::Route& route : config.routes) {
    if (route.package == package.package) {
      routes.push_back(route.name);
    }
    if (route.shadow == package.package) {
      shadow_of.push_back(route.name);
    }
  }
  return {{"package", package.package},
          {"name", package.package.substr(0, slash)},
          {"version", slash == std::string::npos ? "" : package.package.substr(slash + 1)},
          {"digest", package.digest},
          {"clinical", package.clinical},
          {"usable", package.usable},
          {"reason", package.reason},
          {"warning", package.warning},
          {"limits", ObjectFrom(package.limits_json)},
          {"figures", ObjectFrom(package.figures_json)},
          {"routes", std::move(routes)},
          {"shadow_of", std::move(shadow_of)}};
}

}  // namespace necknode::admin
