#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "storage/store.h"

namespace necknode::coordinator {

/// Has the retriever fetch the earlier studies of a study's patient, once for each study. Not
/// thread safe.
class PriorRequests {
 public:
  /// `peer` is the archive's name; empty: no priors. `wait`: the longest that a study waits for
  /// them after its last image. `store` must outlive it.
  PriorRequests(std::string peer, std::chrono::milliseconds wait, storage::Store& store);
  /// To be called while images of a study come: asks when the first one is here and the study is
  /// `wanted` at all.
  void Ask(const storage::StudyRow& study, const std::function<bool()>& wanted);
  /// The study has been decided on.
  void Forget(storage::StudyId study) { looked_at_.erase(study); }
  /// True while the study should wait for its priors.
  [[nodiscard]] bool Awaited(const storage::StudyRow& study) const;

 private:
  std::string peer_;
  std::chrono::milliseconds wait_;
  storage::Store& store_;
  /// The change of each study that was looked at; asking twice would do no harm.
  std::map<storage::StudyId, std::int64_t> looked_at_;
};

}  // namespace necknode::coordinator
