#include "admin/node_api.h"

#include <algorithm>
#include <set>

#include "admin/monitoring.h"
#include "admin/problem.h"
#include "admin/query.h"
#include "admin/views.h"

namespace necknode::admin {
namespace {

using nlohmann::json;

// Results of a destination that is away are worth a person's look from then on.
constexpr std::chrono::minutes kLongWait{10};

double SecondsOf(std::chrono::milliseconds duration) {
  return static_cast<double>(duration.count()) / 1000;
}

json OutboxAsJson(const storage::NodeCounts& counts) {
  json outbox = json::array();
  for (const auto& destination : counts.outbox) {
    outbox.push_back({{"destination", destination.name},
                      {"waiting", destination.waiting},
                      {"parked", destination.parked},
                      {"withheld", destination.withheld},
                      {"delivered_24h", destination.delivered_24h},
                      {"oldest_waiting_s", SecondsOf(destination.oldest_waiting)}});
  }
  return outbox;
}

json ThroughputAsJson(const storage::NodeCounts& counts) {
  json hours = json::array();
  for (const auto& hour : counts.hours) {
    hours.push_back({{"hour", Iso8601(hour.begin)},
                     {"instances", hour.instances},
                     {"studies", hour.studies},
                     {"jobs_done", hour.jobs_done}});
  }
  return hours;
}

std::string PatientNameOf(storage::StudyId id, const NodeServices& services) {
  const auto study = services.store.studies().Find(id);
  return study ? services.text(study->patient_name, study->specific_character_set) : "";
}

json LastResultsAsJson(const storage::NodeCounts& counts, const NodeServices& services) {
  json results = json::array();
  for (const storage::Job& job : counts.last_results) {
    results.push_back({{"job", job.id},
                       {"study", job.study},
                       {"study_instance_uid", job.study_instance_uid.value()},
                       {"patient_name", PatientNameOf(job.study, services)},
                       {"finished", TimeAsJson(job.finished)},
                       {"summary", job.summary.empty() ? job.reason : job.summary},
                       {"state", std::string(storage::ToString(job.state))}});
  }
  return results;
}

/// What a person should look at, the gravest first. Links are addresses within the page.
class Attention {
 public:
  void Add(bool needed, const char* kind, const std::string& text, const std::string& link) {
    if (needed) {
      entries_.push_back({{"kind", kind}, {"text", text}, {"link", link}});
    }
  }
  json Take() { return std::move(entries_); }

 private:
  json entries_ = json::array();
};

json AttentionOf(const storage::NodeCounts& counts,
                 const json& roles,
                 const std::vector<storage::PackageRow>& packages,
                 const storage::DiskSpace& disk,
                 const config::Config& config) {
  Attention attention;
  for (const json& role : roles) {
    const std::string name = role.at("role").get<std::string>();
    attention.Add(!role.at("running").get<bool>(), "role", "the " + name + " is not running", "/");
  }
  attention.Add(disk.free_above_reserve_bytes == 0,
                "disk",
                "the disk's reserve is reached: images are refused",
                "/");
  attention.Add(config.routes.empty(), "configuration", kNoRoute, "/config");
  std::set<std::string> used;
  for (const config::Route& route : config.routes) {
    used.insert(route.package);
  }
  for (const storage::PackageRow& package : packages) {
    attention.Add(!package.usable && used.contains(package.package),
                  "model",
                  "model " + package.package + " cannot be used: " + package.reason,
                  "/models");
  }
  attention.Add(counts.parked_studies > 0,
                "study",
                Counted(counts.parked_studies, "study") + " parked",
                "/studies?state=attention");
  attention.Add(counts.parked_jobs > 0,
                "job",
                Counted(counts.parked_jobs, "job") + " parked",
                "/jobs?state=parked");
  attention.Add(counts.failed_24h > 0,
                "job",
                Counted(counts.failed_24h, "job") + " failed in the last 24 hours",
                "/jobs?state=failed");
  for (const auto& destination : counts.outbox) {
    attention.Add(destination.parked > 0,
                  "outbox",
                  Counted(destination.parked, "document") + " for " + destination.name + " parked",
                  "/outbox?state=parked");
  }
  for (const auto& destination : counts.outbox) {
    const auto minutes =
        std::chrono::duration_cast<std::chrono::minutes>(destination.oldest_waiting);
    attention.Add(minutes >= kLongWait,
                  "outbox",
                  Counted(destination.waiting, "document") + " for " + destination.name +
                      " not delivered for " + std::to_string(minutes.count()) + " minutes",
                  "/outbox?state=waiting");
  }
  attention.Add(counts.quarantined > 0,
                "quarantine",
                Counted(counts.quarantined, "object") + " in quarantine",
                "/quarantine");
  return attention.Take();
}

Response ShowNode(const NodeServices& services, const Request& request) {
  CheckQuery(request, {});
  const config::Config config = services.config();
  const storage::NodeCounts counts = services.store.catalog().Counts();
  const storage::DiskSpace disk = services.store.objects().Disk();
  const auto all_roles = services.store.Roles();
  const WallTime now = services.clock.Now();
  json roles = json::array();
  WallTime started = now;
  for (const storage::RoleStatus& role : all_roles) {
    roles.push_back(RoleAsJson(role, now));
    started = std::min(started, role.pid == 0 ? now : role.started);
  }
  json titles = json::array();
  for (const config::OwnAe& ae : config.ae) {
    titles.push_back(ae.title);
  }
  json value = {
      {"version", services.version},
      {"started", TimeAsJson(started)},
      {"ae", std::move(titles)},
      {"device", config.device},
      {"disk",
       {{"capacity_bytes", disk.capacity_bytes},
        {"free_bytes", disk.free_bytes},
        {"free_above_reserve_bytes", disk.free_above_reserve_bytes}}},
      {"queue",
       {{"queued", counts.queued},
        {"running", counts.running},
        {"parked", counts.parked_jobs},
        {"failed_24h", counts.failed_24h},
        {"oldest_queued_s", SecondsOf(counts.oldest_queued)}}},
      {"outbox", OutboxAsJson(counts)},
      {"studies",
       {{"total", counts.studies},
        {"receiving", counts.receiving},
        {"parked", counts.parked_studies}}},
      {"quarantine", {{"objects", counts.quarantined}, {"bytes", counts.quarantined_bytes}}},
      {"throughput", ThroughputAsJson(counts)},
      {"last_results", LastResultsAsJson(counts, services)},
      {"attention", AttentionOf(counts, roles, services.store.Packages(), disk, config)}};
  if (const std::string edit = services.config_edit(); !edit.empty()) {
    value["attention"].push_back({{"kind", "configuration"}, {"text", edit}, {"link", "/config"}});
  }
  value["roles"] = std::move(roles);
  return Json(value);
}

}  // namespace

void AddNode(Router& router, const NodeServices& services) {
  AddHandler(router, services, "GET", "/api/v1/node", Role::kViewer, ShowNode);
}

}  // namespace necknode::admin
