#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "models/dataset.h"

namespace necknode::models {

/// Makes the samples of a Dataset ahead of their use on its own threads and hands them out in the
/// order of their index, whatever the number of threads. `dataset` must outlive it. Next() belongs
/// to one thread.
template <typename Sample>
class Prefetcher {
 public:
  /// Starts at sample `first`; at most `ahead` samples wait. With `threads` 0 Next() makes each
  /// sample itself.
  Prefetcher(Dataset<Sample>& dataset, std::int64_t first, int threads, int ahead)
      : dataset_(dataset), next_(first), claimed_(first), ahead_(ahead) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) { Work(stop); });
    }
  }

  /// The next sample. Throws what the dataset threw for it.
  Sample Next() {
    if (threads_.empty()) {
      return dataset_.At(next_++);
    }
    std::unique_lock lock(mutex_);
    made_.wait(lock, [this] { return ready_.contains(next_); });
    auto node = ready_.extract(next_++);
    taken_.notify_all();
    lock.unlock();
    if (auto* error = std::get_if<std::exception_ptr>(&node.mapped())) {
      std::rethrow_exception(*error);
    }
    return std::get<Sample>(std::move(node.mapped()));
  }

 private:
  void Work(const std::stop_token& stop) {
    while (true) {
      std::unique_lock lock(mutex_);
      if (!taken_.wait(lock, stop, [this] { return claimed_ < next_ + ahead_; })) {
        return;
      }
      const std::int64_t index = claimed_++;
      lock.unlock();
      std::variant<std::exception_ptr, Sample> result;
      try {
        result = dataset_.At(index);
      } catch (...) {
        result = std::current_exception();
      }
      lock.lock();
      ready_.emplace(index, std::move(result));
      made_.notify_all();
    }
  }

  // Constant after construction.
  Dataset<Sample>& dataset_;
  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable_any made_, taken_;
  std::int64_t next_;     // handed out next
  std::int64_t claimed_;  // made next
  const std::int64_t ahead_;
  std::map<std::int64_t, std::variant<std::exception_ptr, Sample>> ready_;
  std::vector<std::jthread> threads_;  // last: they end before the rest goes
};

}  // namespace necknode::models
