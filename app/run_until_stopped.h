#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <thread>

#include "app/roles.h"

namespace necknode::app {

/// Runs `serve` on a thread of its own, while this one reports, calls `take_over` and waits for the
/// signal; ends with what `serve` threw.
template <typename Serve, typename StatusLine, typename Stop>
void RunUntilStopped(
    StopSignal& stop,
    RoleReporter& reporter,
    Serve serve,
    StatusLine status_line,
    Stop stop_serving,
    const std::function<void()>& take_over = [] {}) {
  reporter.Report(status_line());  // before the first client can ask for it
  std::exception_ptr failure;
  std::atomic<bool> ended = false;
  std::jthread thread([&] {
    try {
      serve();
    } catch (...) {
      failure = std::current_exception();
    }
    ended = true;
  });
  while (!ended && !stop.WaitFor(std::chrono::milliseconds(200))) {
    take_over();
    reporter.Report(status_line());
  }
  if (!ended) {
    stop_serving();
  }
  thread.join();
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace necknode::app
