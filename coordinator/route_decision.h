#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "storage/store.h"

namespace necknode::coordinator {

/// What one route concludes on a study.
struct RouteDecision {
  std::vector<storage::SeriesDecision> series;
  std::optional<storage::NewJob> job;  ///< absent: no suitable series
};

/// Selects a series among the study's instances, our own results left out, and names the job that
/// analyses it with the route's package. The job's `supersedes` is set, its `incomplete` is not.
[[nodiscard]] RouteDecision DecideRoute(const config::Route& route,
                                        const std::string& package_digest,
                                        const std::vector<storage::IndexedInstance>& instances);

/// Whether a study that came in these ways is one of the route's.
[[nodiscard]] bool Applies(const config::Route& route,
                           const std::vector<storage::Arrival>& arrivals);

/// The key that names a job: SHA-256 over the file digests of the series (in any order), what
/// steers the analysis in the route, and the package's digest. The same key is never computed
/// twice.
[[nodiscard]] std::string JobKey(std::vector<std::string> file_digests,
                                 const config::Route& route,
                                 const std::string& package_digest);

/// The study's instances that a route may select from.
[[nodiscard]] std::vector<storage::IndexedInstance> SelectableInstances(storage::Store& store,
                                                                        storage::StudyId study);

}  // namespace necknode::coordinator
