#include "coordinator/analyse_again.h"

#include <algorithm>
#include <optional>
#include <set>

#include "coordinator/route_decision.h"
#include "core/error.h"

namespace necknode::coordinator {
namespace {

using storage::Job;
using storage::JobState;

std::string NameOf(const AgainOrder& order) { return "study " + std::to_string(order.study); }

storage::StudyRow ReadyStudy(storage::Store& store, const AgainOrder& order) {
  auto study = store.studies().Find(order.study);
  if (!study) {
    throw Error(ErrorCode::kNotFound, "there is no " + NameOf(order));
  }
  if (study->state == "parked") {
    throw Error(ErrorCode::kConflict, NameOf(order) + " is parked: " + study->reason);
  }
  if (study->change != study->considered) {
    throw Error(ErrorCode::kConflict,
                NameOf(order) + " is not decided on yet: its images may still be arriving");
  }
  return std::move(*study);
}

// With the ordered package in place of their own.
std::vector<config::Route> OrderedRoutes(const std::vector<config::Route>& routes,
                                         storage::Store& store,
                                         const AgainOrder& order) {
  const auto arrivals = store.studies().Arrivals(order.study);
  std::vector<config::Route> ordered;
  for (const config::Route& route : routes) {
    if (order.route.empty() ? Applies(route, arrivals) : route.name == order.route) {
      ordered.push_back(route);
      if (!order.package.empty()) {
        ordered.back().package = order.package;
      }
    }
  }
  if (ordered.empty() && !order.route.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "there is no route " + order.route);
  }
  if (ordered.empty()) {
    throw Error(ErrorCode::kUnsupported,
                "no route is for the AE titles by which " + NameOf(order) + " came");
  }
  return ordered;
}

std::string DigestOf(storage::Store& store, const std::string& package) {
  const auto packages = store.Packages();
  const auto found = std::find_if(
      packages.begin(), packages.end(), [&](const auto& row) { return row.package == package; });
  if (found == packages.end()) {
    throw Error(ErrorCode::kUnsupported, "package " + package + " is not installed");
  }
  if (!found->usable) {
    throw Error(ErrorCode::kUnsupported,
                "package " + package + " cannot be used: " + found->reason);
  }
  return found->digest;
}

// Why the images that a route selects may be fewer than there are: as it was said before.
std::string IncompleteBefore(const std::vector<Job>& jobs, const storage::NewJob& job) {
  const auto before = std::find_if(jobs.begin(), jobs.end(), [&](const Job& earlier) {
    return earlier.route == job.route && earlier.series_instance_uid == job.series_instance_uid &&
           earlier.slices == job.slices;
  });
  return before == jobs.end() ? "" : before->incomplete;
}

// " (3 slices, at least 20 are needed)": each reason for which series were refused, once.
std::string ReasonsOf(const std::vector<storage::SeriesDecision>& series) {
  std::set<std::string> reasons;
  for (const storage::SeriesDecision& one : series) {
    if (!one.reason.empty()) {
      reasons.insert(one.reason);
    }
  }
  std::string text;
  for (const std::string& reason : reasons) {
    text += (text.empty() ? " (" : "; ") + reason;
  }
  return text.empty() ? "" : text + ")";
}

// True where the job of that key, which exists, is to be queued again.
bool MayRunAgain(const Job& job) {
  switch (job.state) {
    case JobState::kDone:
    case JobState::kSameContent:
      throw Error(ErrorCode::kConflict,
                  "already analysed with package " + job.package + " by route " + job.route +
                      ": job " + std::to_string(job.id) +
                      ". The same images, package and route would give the same result: choose "
                      "another package, or change the route");
    case JobState::kQueued:
    case JobState::kRunning:
      throw Error(ErrorCode::kConflict,
                  "job " + std::to_string(job.id) + " of that package and route is " +
                      std::string(storage::ToString(job.state)) + " already");
    case JobState::kSuperseded:
      return false;  // T2 does it
    case JobState::kNotEligible:
    case JobState::kFailed:
    case JobState::kParked:
    case JobState::kCancelled:
      break;
  }
  return true;
}

}  // namespace

std::vector<Job> AnalyseAgain(const std::vector<config::Route>& routes,
                              storage::Store& store,
                              const AgainOrder& order) {
  const storage::StudyRow study = ReadyStudy(store, order);
  const auto instances = SelectableInstances(store, order.study);
  if (instances.empty()) {
    throw Error(ErrorCode::kConflict, "no image of " + NameOf(order) + " is stored any more");
  }
  const std::vector<Job> known = store.jobs().OfStudy(order.study);
  std::vector<storage::NewJob> fresh;
  std::vector<std::int64_t> again;
  std::vector<std::string> keys;
  std::string refusals;
  for (const config::Route& route : OrderedRoutes(routes, store, order)) {
    RouteDecision decision = DecideRoute(route, DigestOf(store, route.package), instances);
    if (!decision.job) {
      refusals += (refusals.empty() ? "" : "; ") + ("route " + route.name) +
                  ": no suitable series" + ReasonsOf(decision.series);
      continue;
    }
    decision.job->incomplete = IncompleteBefore(known, *decision.job);
    keys.push_back(decision.job->key);
    const auto same = std::find_if(
        known.begin(), known.end(), [&](const Job& job) { return job.key == decision.job->key; });
    if (same != known.end() && MayRunAgain(*same)) {
      again.push_back(same->id);
    } else {
      fresh.push_back(std::move(*decision.job));
    }
  }
  if (keys.empty()) {
    throw Error(ErrorCode::kUnsupported, refusals);
  }
  if (!fresh.empty() && !store.studies().AddJobs(study.id, study.change, fresh, order.user)) {
    throw Error(ErrorCode::kConflict, NameOf(order) + " has changed meanwhile");
  }
  for (const std::int64_t job : again) {
    store.jobs().Requeue(job, order.user);
  }
  std::vector<Job> jobs;
  for (const Job& job : store.jobs().OfStudy(order.study)) {
    if (std::find(keys.begin(), keys.end(), job.key) != keys.end()) {
      jobs.push_back(job);
    }
  }
  return jobs;
}

}  // namespace necknode::coordinator
