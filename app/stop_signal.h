#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace necknode::app {

/// SIGTERM and SIGINT as something to wait for; SIGPIPE is ignored from then on. Make it before any
/// other thread, so that all inherit the blocked signals. Thread safe.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  [[nodiscard]] bool Stopped() const;
  /// Sleeps until the signal or the end of `duration`; true where the signal has come.
  bool WaitFor(std::chrono::milliseconds duration);
  /// Calls `action` once, on this object's thread, when the signal comes (at once where it has come
  /// already).
  void OnStop(std::function<void()> action);

 private:
  void Watch(const std::stop_token& token);

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool stopped_ = false;          // guarded by mutex_
  std::function<void()> action_;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace necknode::app
