#include "admin/metrics_api.h"

#include <algorithm>

#include "admin/exposition.h"
#include "admin/process_figures.h"

namespace necknode::admin {
namespace {

using Samples = std::vector<CounterSample>;

double SecondsOf(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void AddRoles(const MonitoringServices& services, Samples& samples) {
  const WallTime now = services.clock.Now();
  const std::vector<storage::RoleStatus> rows = services.store.Roles();
  for (const std::string& role : services.roles) {
    const storage::RoleStatus* status = FindRole(rows, role);
    const Labels labels = {{"role", role}};
    const bool up = status != nullptr && IsUp(*status, now);
    samples.push_back({"necknode_role_up", labels, up ? 1.0 : 0.0});
    samples.push_back({"necknode_role_restarts_total",
                       labels,
                       status == nullptr ? 0.0 : static_cast<double>(status->restarts)});
    if (up) {
      samples.push_back({"necknode_role_start_time_seconds", labels, SecondsOf(status->started)});
    }
  }
  for (const storage::RoleStatus& status : rows) {
    samples.insert(samples.end(), status.counters.begin(), status.counters.end());
  }
}

void AddFigures(const storage::NodeFigures& figures, Samples& samples) {
  const auto add = [&](const char* name, Labels labels, auto value) {
    samples.push_back({name, std::move(labels), static_cast<double>(value)});
  };
  for (const auto& [state, count] : figures.studies) {
    add("necknode_studies", {{"state", state}}, count);
  }
  for (const auto& [state, count] : figures.jobs) {
    add("necknode_jobs", {{"state", state}}, count);
  }
  add("necknode_job_queue_oldest_seconds", {}, figures.oldest_queued_s);
  for (const auto& [key, count] : figures.outbox) {
    add("necknode_outbox_rows", {{"destination", key.first}, {"state", key.second}}, count);
    if (key.second != "waiting") {
      // A destination that nothing waits for is at 0, not absent, and so is its parked count.
      for (const char* state : {"waiting", "parked"}) {
        if (!figures.outbox.contains({key.first, state})) {
          samples.push_back(
              {"necknode_outbox_rows", {{"destination", key.first}, {"state", state}}, 0});
        }
      }
    }
    if (!figures.oldest_waiting_s.contains(key.first)) {
      samples.push_back(
          {"necknode_outbox_oldest_waiting_seconds", {{"destination", key.first}}, 0});
    }
  }
  for (const auto& [destination, seconds] : figures.oldest_waiting_s) {
    add("necknode_outbox_oldest_waiting_seconds", {{"destination", destination}}, seconds);
  }
  add("necknode_quarantine_objects", {}, figures.quarantine_objects);
  add("necknode_quarantine_bytes", {}, figures.quarantine_bytes);
  for (const auto& [server, count] : figures.audit_unsent) {
    add("necknode_audit_unsent", {{"server", server}}, count);
  }
}

void AddPackages(const MonitoringServices& services, Samples& samples) {
  const std::vector<storage::PackageRow> rows = services.store.Packages();
  for (const auto& [route, package] : services.route_packages()) {
    const bool usable = std::any_of(rows.begin(), rows.end(), [&, name = package](const auto& row) {
      return row.package == name && row.usable;
    });
    samples.push_back(
        {"necknode_package_usable", {{"package", package}, {"route", route}}, usable ? 1.0 : 0.0});
  }
}

Samples Gather(const MonitoringServices& services) {
  Samples samples = ProcessFigures();
  samples.push_back({"necknode_build_info", {{"version", services.version}}, 1});
  if (services.config_generation) {
    if (const auto generation = services.config_generation()) {
      samples.push_back({"necknode_config_generation", {}, static_cast<double>(*generation)});
    }
  }
  AddRoles(services, samples);
  AddFigures(services.store.Figures(), samples);
  AddPackages(services, samples);
  const storage::DiskSpace disk = services.store.objects().Disk();
  samples.push_back({"necknode_disk_free_bytes", {}, static_cast<double>(disk.free_bytes)});
  samples.push_back({"necknode_disk_capacity_bytes", {}, static_cast<double>(disk.capacity_bytes)});
  samples.push_back({"necknode_disk_reserve_bytes", {}, static_cast<double>(disk.reserve_bytes)});
  samples.push_back({"necknode_notices_waiting",
                     {},
                     static_cast<double>(services.store.notices().CountWaiting())});
  return samples;
}

}  // namespace

void AddMetrics(Router& router, const MonitoringServices& services) {
  router.Add("GET", "/metrics", Role::kMonitoring, [services](const Request& request) {
    const ExpositionFormat format = FormatFor(request.Header("accept"));
    return Response{200, ContentTypeOf(format), {}, Expose(Gather(services), format)};
  });
}

}  // namespace necknode::admin
