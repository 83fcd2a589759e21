#include "coordinator/study_watcher.h"

#include <algorithm>

#include "coordinator/route_decision.h"
#include "core/log.h"

namespace necknode::coordinator {
namespace {

// How often a study is looked at that waits for an archive.
constexpr std::chrono::milliseconds kLookAgain{500};

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
  const auto instances = SelectableInstances(store_, study.id);
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
    DecideByRoute(route, *package, instances, decision);
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

void StudyWatcher::DecideByRoute(const config::Route& route,
                                 const storage::PackageRow& package,
                                 const std::vector<storage::IndexedInstance>& instances,
                                 Decision& decision) {
  RouteDecision decided = DecideRoute(route, package.digest, instances);
  decision.series.insert(decision.series.end(), decided.series.begin(), decided.series.end());
  if (!decided.job) {
    if (!route.is_shadow) {
      decision.reasons.push_back("route " + route.name + ": no suitable series");
    }
    return;
  }
  decided.job->incomplete = decision.incomplete;
  decision.jobs.push_back(std::move(*decided.job));
  decision.compares = decision.compares || route.compare_prior;
}

}  // namespace necknode::coordinator
