#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/config.h"
#include "storage/store.h"

namespace necknode::coordinator {

/// What archives say of the completeness of one series.
struct SeriesCompleteness {
  bool wait = false;       ///< images that an archive has may still come
  std::string incomplete;  ///< why images of the series may be missing, or empty
  std::string remark;      ///< what could not be found out, or empty
};

/// Compares how many instances of a series are stored here with how many the archives say that they
/// have: those peers with `verify_count` that sent the study. The retriever asks them. Not thread
/// safe.
class ArchivedCounts {
 public:
  /// Of `peers` those without `verify_count` are not asked. Nothing is waited for longer than
  /// `wait` after the study's last image. `store` must outlive it.
  ArchivedCounts(std::vector<config::Peer> peers,
                 std::chrono::milliseconds wait,
                 storage::Store& store);
  /// Has the archives asked where they were not yet, as the study is now. `stored`: instances of
  /// the series that are here.
  [[nodiscard]] SeriesCompleteness Check(const storage::StudyRow& study,
                                         const std::vector<storage::Arrival>& arrivals,
                                         const Uid& series_instance_uid,
                                         int stored);

 private:
  SeriesCompleteness CheckPeer(const storage::StudyRow& study,
                               const config::Peer& peer,
                               const Uid& series_instance_uid,
                               int stored);

  std::vector<config::Peer> peers_;
  std::chrono::milliseconds wait_;
  storage::Store& store_;
};

}  // namespace necknode::coordinator
