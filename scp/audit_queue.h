#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "storage/store.h"

namespace necknode::scp {

/// Writes audit rows on a thread of its own, all that came meanwhile in one transaction, so that
/// peers cannot open associations faster than they are recorded. Thread safe.
class AuditQueue {
 public:
  /// Called once for each Add(), on the queue's thread, with what the store threw or nullptr; must
  /// not block nor throw.
  using Done = std::function<void(std::exception_ptr failure)>;
  /// `store` must outlive it.
  explicit AuditQueue(storage::Store& store);
  ~AuditQueue();  ///< writes what was added
  AuditQueue(const AuditQueue&) = delete;
  AuditQueue& operator=(const AuditQueue&) = delete;
  void Add(std::vector<storage::AuditEvent> events, Done done);
  /// Events that are not written yet.
  [[nodiscard]] std::size_t pending() const { return pending_; }

 private:
  void Run(const std::stop_token& stop);

  storage::Store& store_;
  std::atomic<std::size_t> pending_{0};
  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable_any added_;
  std::vector<storage::AuditEvent> events_;
  std::vector<Done> waiting_;
  std::jthread thread_;
};

}  // namespace necknode::scp
