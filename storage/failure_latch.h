#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <utility>

#include "core/error.h"

namespace necknode::storage {

/// Remembers that a write or sync failed. The kernel may have dropped dirty pages after a failed
/// sync, so nothing written later can be trusted: from then on every write is refused. Thread safe.
class FailureLatch {
 public:
  /// Throws Error(kStorageFailed) where storage failed before.
  void Check() const {
    if (!failed_.load(std::memory_order_acquire))
      return;
    const std::lock_guard lock(mutex_);
    throw Error(ErrorCode::kStorageFailed, "storage failed earlier: " + reason_);
  }
  /// Keeps the first reason.
  void Fail(const std::string& reason) {
    const std::lock_guard lock(mutex_);
    if (failed_.load(std::memory_order_relaxed))
      return;
    reason_ = reason;
    failed_.store(true, std::memory_order_release);
  }
  /// Runs `work` unless storage failed before; an Error(kStorageFailed) that leaves it is
  /// remembered.
  template <typename Work>
  decltype(auto) Guard(Work&& work) {
    Check();
    try {
      return std::forward<Work>(work)();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kStorageFailed)
        Fail(error.what());
      throw;
    }
  }

 private:
  std::atomic<bool> failed_{false};
  mutable std::mutex mutex_;
  std::string reason_;  // guarded by mutex_
};

}  // namespace necknode::storage
