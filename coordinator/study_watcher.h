#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/config.h"
#include "coordinator/archived_counts.h"
#include "coordinator/prior_requests.h"
#include "storage/store.h"

namespace necknode::coordinator {

struct WatcherOptions {
  /// Those of shadow packages included, see config::WithShadows. A study does not wait for a shadow
  /// package that is not there.
  std::vector<config::Route> routes;
  std::chrono::milliseconds quiet_time{30'000};
  std::vector<config::Peer> peers = {};           ///< those with `verify_count` are asked
  std::chrono::milliseconds count_wait{600'000};  ///< for images that a peer says it has
  std::string prior_peer = {};                    ///< whence earlier studies come; empty: none
  std::chrono::milliseconds prior_wait{300'000};  ///< for them, after the study's last image
};

/// How long an open association holds a study after the study's last image, at most. What is
/// missing then may never come, and the report says so.
inline constexpr std::chrono::minutes kLongestHold{30};

/// Turns complete studies into jobs (T2): a study is complete when no image of it came for the
/// quiet time, and no association is open that sent bytes of one within twice that time. For every
/// route that matches its arrivals it selects a series, and makes one job, once as many instances
/// of the series are here as the archive that sent it has and its priors have come. All state is
/// rows, so a restart forgets nothing. Not thread safe.
class StudyWatcher {
 public:
  /// `store` must outlive the watcher.
  StudyWatcher(WatcherOptions options, storage::Store& store);
  /// Decides on every study that is complete now. Returns how many were decided.
  int Step();

 private:
  struct Decision;
  bool Consider(const storage::StudyRow& study);
  [[nodiscard]] bool IsQuiet(const storage::StudyRow& study) const;
  /// False: the study waits for what archives say, or for images that they have.
  bool CheckCounts(const storage::StudyRow& study,
                   const std::vector<storage::Arrival>& arrivals,
                   const std::vector<storage::IndexedInstance>& instances,
                   Decision& decision);
  static void DecideByRoute(const config::Route& route,
                            const storage::PackageRow& package,
                            const std::vector<storage::IndexedInstance>& instances,
                            Decision& decision);

  WatcherOptions options_;
  storage::Store& store_;
  ArchivedCounts counts_;
  PriorRequests priors_;
  /// Studies that wait for an archive, and how long they had been quiet when looked at last: they
  /// are not looked at as often as the database could bear it.
  std::map<storage::StudyId, std::chrono::milliseconds> looked_at_;
  std::set<std::string> waiting_logged_;  ///< packages whose absence was said once
};

}  // namespace necknode::coordinator
