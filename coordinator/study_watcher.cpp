#include "coordinator/study_watcher.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "coordinator/series_selection.h"
#include "core/digest.h"
#include "core/log.h"

namespace necknode::coordinator {
namespace {

// How often a study is looked at that waits for an archive.
constexpr std::chrono::milliseconds kLookAgain{500};

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

void AppendReason(std::string& text, const std::string& more) {
  text += (text.empty() || more.empty() ? "" : "; ") + more;
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) {
    AppendReason(joined, text);
  }
  return joined;
}

// An association that still sends it.
bool Held(const storage::StudyRow& study, std::chrono::milliseconds quiet_time) {
  return study.heard_ago && *study.heard_ago < 2 * quiet_time;
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

StudyWatcher::StudyWatcher(WatcherOptions options, storage::Store& store)
    : options_(std::move(options)),
      store_(store),
      counts_(options_.peers, options_.count_wait, store),
      priors_(options_.prior_peer, options_.prior_wait, store) {}

int StudyWatcher::Step() {
  int decided = 0;
  for (const storage::StudyRow& study : store_.studies().Unconsidered()) {
    priors_.Ask(study, [&] {
      const auto arrivals = store_.studies().Arrivals(study.id);
      return std::any_of(
          options_.routes.begin(), options_.routes.end(), [&](const config::Route& route) {
            return route.compare_prior && Applies(route, arrivals);
          });
    });
    if (!IsQuiet(study)) {
      looked_at_.erase(study.id);
    } else if (const auto before = looked_at_.find(study.id);
               before != looked_at_.end() && study.quiet_for >= before->second &&
               study.quiet_for < before->second + kLookAgain) {
      continue;
    } else if (Consider(study)) {
      looked_at_.erase(study.id);
      priors_.Forget(study.id);
      ++decided;
    }
  }
  return decided;
}

bool StudyWatcher::IsQuiet(const storage::StudyRow& study) const {
  return study.quiet_for >= options_.quiet_time &&
         (!Held(study, options_.quiet_time) || study.quiet_for >= kLongestHold);
}

struct StudyWatcher::Decision {
  std::string incomplete;  ///< why images of the study may be missing, or empty
  std::vector<storage::SeriesDecision> series;
  std::vector<storage::NewJob> jobs;
  std::vector<std::string> reasons;
  std::vector<std::string> remarks;  ///< what archives did not say
  bool compares = false;             ///< a job's route compares with earlier studies
};

bool StudyWatcher::Consider(const storage::StudyRow& study) {
  std::vector<storage::IndexedInstance> instances = store_.studies().Instances(study.id);
  std::erase_if(instances, [&](const storage::IndexedInstance& instance) {
    return store_.outbox().IsOurs(instance.header.sop_instance_uid);
  });
  const auto arrivals = store_.studies().Arrivals(study.id);
  const auto packages = store_.Packages();
  Decision decision;
  if (Held(study, options_.quiet_time)) {
    decision.incomplete = "the sender was still sending the study " +
                          std::to_string(kLongestHold.count()) + " minutes after its last image";
  }
  bool matched = false;
  for (const config::Route& route : options_.routes) {
    if (!Applies(route, arrivals)) {
      continue;
    }
    matched = true;
    const auto package =
        std::find_if(packages.begin(), packages.end(), [&](const storage::PackageRow& row) {
          return row.package == route.package;
        });
    if (route.is_shadow && (package == packages.end() || !package->usable)) {
      continue;  // nobody waits for a comparison of packages
    }
    if (package == packages.end() || !package->usable) {
      // The study waits, whatever other routes would do with it, until a worker says that the
      // package is there.
      if (waiting_logged_.insert(route.package).second) {
        Log(LogLevel::kWarning,
            "waiting_for_package",
            {{"package", route.package},
             {"route", route.name},
             {"reason",
              package == packages.end() ? "no worker has reported it" : package->reason}});
      }
      return false;
    }
    waiting_logged_.erase(route.package);
    DecideRoute(route, *package, instances, decision);
  }
  if (!matched) {
    decision.reasons.emplace_back("no route for the AE titles that it came from and to");
  }
  const bool counted = CheckCounts(study, arrivals, instances, decision);
  if (!counted || (decision.compares && priors_.Awaited(study))) {
    looked_at_[study.id] = study.quiet_for;
    return false;
  }
  const std::string reason = Joined(decision.reasons);
  if (!store_.studies().Decide(study.id, study.change, decision.series, decision.jobs, reason)) {
    return false;
  }
  for (const std::string& remark : decision.remarks) {
    Log(LogLevel::kWarning,
        "count_unknown",
        {{"study", study.study_instance_uid.ShortName()}, {"reason", remark}});
  }
  Log(LogLevel::kInfo,
      "study_decided",
      {{"study", study.study_instance_uid.ShortName()},
       {"selected_series", decision.jobs.size()},
       {"reason", reason}});
  return true;
}

bool StudyWatcher::CheckCounts(const storage::StudyRow& study,
                               const std::vector<storage::Arrival>& arrivals,
                               const std::vector<storage::IndexedInstance>& instances,
                               Decision& decision) {
  for (storage::NewJob& job : decision.jobs) {
    const auto stored = std::count_if(instances.begin(), instances.end(), [&](const auto& each) {
      return each.header.series_instance_uid == job.series_instance_uid;
    });
    const SeriesCompleteness found =
        counts_.Check(study, arrivals, job.series_instance_uid, static_cast<int>(stored));
    if (found.wait) {
      return false;
    }
    AppendReason(job.incomplete, found.incomplete);
    if (!found.remark.empty()) {
      decision.remarks.push_back(found.remark);
    }
    for (storage::SeriesDecision& series : decision.series) {
      if (series.selected && series.route == job.route) {
        AppendReason(series.reason, found.remark);
      }
    }
  }
  return true;
}

void StudyWatcher::DecideRoute(const config::Route& route,
                               const storage::PackageRow& package,
                               const std::vector<storage::IndexedInstance>& instances,
                               Decision& decision) {
  std::vector<InstanceHeader> headers;
  for (const auto& instance : instances) {
    headers.push_back(instance.header);
  }
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
    if (!route.is_shadow) {
      decision.reasons.push_back("route " + route.name + ": no suitable series");
    }
    return;
  }
  std::vector<std::string> digests;
  for (const auto& instance : instances) {
    if (instance.header.series_instance_uid == *selected && IsAnalysable(instance.header)) {
      digests.push_back(instance.file_digest);
    }
  }
  storage::NewJob job;
  job.series_instance_uid = *selected;
  job.route = route.name;
  job.package = route.package;
  job.package_digest = package.digest;
  job.slices = static_cast<int>(digests.size());
  job.key = JobKey(std::move(digests), route, package.digest);
  job.supersedes = true;
  job.incomplete = decision.incomplete;
  decision.jobs.push_back(std::move(job));
  decision.compares = decision.compares || route.compare_prior;
}

}  // namespace necknode::coordinator
