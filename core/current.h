#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace necknode {

/// A value that is replaced as a whole while others read it: who has got it keeps what it was.
/// Thread safe.
template <typename Value>
class Current {
 public:
  explicit Current(Value value) : value_(std::make_shared<const Value>(std::move(value))) {}

  [[nodiscard]] std::shared_ptr<const Value> Get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void Set(Value value) {
    auto next = std::make_shared<const Value>(std::move(value));
    const std::lock_guard lock(mutex_);
    value_.swap(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Value> value_;  // guarded by mutex_
};

}  // namespace necknode
