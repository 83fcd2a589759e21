#include "coordinator/route_decision.h"

#include <algorithm>
#include <cstdio>

#include "coordinator/series_selection.h"
#include "core/digest.h"

namespace necknode::coordinator {
namespace {

std::string Fixed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

/// What steers the analysis, and nothing else: another destination must not mean another analysis.
std::string Steering(const config::Route& route) {
  std::string text = route.name + "\n" + route.package + "\n" + route.intended_use + "\n" +
                     route.on_not_eligible + "\n" + std::to_string(route.min_slices) + " " +
                     std::to_string(route.max_slices) + " " + Fixed(route.min_slice_thickness_mm) +
                     " " + Fixed(route.max_slice_thickness_mm) + "\n";
  for (const auto* list :
       {&route.body_parts, &route.exclude_description, &route.preferred_kernels}) {
    for (const std::string& item : *list) {
      text += item + "\t";
    }
    text += "\n";
  }
  // Rules that came later count only where they are used: earlier jobs keep their keys.
  if (route.contrast != config::Route{}.contrast) {
    text += "contrast " + route.contrast + "\n";
  }
  for (const std::string& word : route.include_description) {
    text += "include " + word + "\n";
  }
  if (route.levels != config::Route{}.levels) {
    text += "levels " + route.levels + "\n";
  }
  if (!route.compare_prior) {
    text += "no comparison\n";
  }
  return text;
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) {
    joined += (joined.empty() || text.empty() ? "" : "; ") + text;
  }
  return joined;
}

}  // namespace

bool Applies(const config::Route& route, const std::vector<storage::Arrival>& arrivals) {
  return std::any_of(arrivals.begin(), arrivals.end(), [&](const storage::Arrival& arrival) {
    return (route.called_ae.empty() || route.called_ae == arrival.called_ae) &&
           (route.calling_ae.empty() || route.calling_ae == arrival.calling_ae);
  });
}

std::string JobKey(std::vector<std::string> file_digests,
                   const config::Route& route,
                   const std::string& package_digest) {
  std::sort(file_digests.begin(), file_digests.end());
  Sha256 digest;
  digest.Update("necknode job 1\n" + Sha256Of(Steering(route)) + "\n" + package_digest + "\n");
  for (const std::string& file_digest : file_digests) {
    digest.Update(file_digest + "\n");
  }
  return digest.Finish();
}

RouteDecision DecideRoute(const config::Route& route,
                          const std::string& package_digest,
                          const std::vector<storage::IndexedInstance>& instances) {
  std::vector<InstanceHeader> headers;
  for (const auto& instance : instances) {
    headers.push_back(instance.header);
  }
  RouteDecision decision;
  std::optional<Uid> selected;
  for (const SeriesVerdict& verdict : SelectSeries(headers, route)) {
    decision.series.push_back(
        {verdict.series_instance_uid,
         route.name,
         verdict.selected,
         Joined(verdict.refusals.empty() ? verdict.remarks : verdict.refusals)});
    if (verdict.selected) {
      selected = verdict.series_instance_uid;
    }
  }
  if (!selected) {
    return decision;
  }
  std::vector<std::string> digests;
  for (const auto& instance : instances) {
    if (instance.header.series_instance_uid == *selected && IsAnalysable(instance.header)) {
      digests.push_back(instance.file_digest);
    }
  }
  storage::NewJob& job = decision.job.emplace();
  job.series_instance_uid = *selected;
  job.route = route.name;
  job.package = route.package;
  job.package_digest = package_digest;
  job.slices = static_cast<int>(digests.size());
  job.key = JobKey(std::move(digests), route, package_digest);
  job.supersedes = true;
  return decision;
}

std::vector<storage::IndexedInstance> SelectableInstances(storage::Store& store,
                                                          storage::StudyId study) {
  auto instances = store.studies().Instances(study);
  std::erase_if(instances, [&](const storage::IndexedInstance& instance) {
    return store.outbox().IsOurs(instance.header.sop_instance_uid);
  });
  return instances;
}

}  // namespace necknode::coordinator
