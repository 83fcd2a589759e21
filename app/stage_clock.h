#pragma once

#include <chrono>
#include <string>

#include "core/counters.h"

namespace necknode::app {

/// Measures how long each stage of a job takes, and how long networks run on which device. Not
/// thread safe.
class StageClock {
 public:
  /// `counted` must outlive it.
  explicit StageClock(CounterSet& counted) : counted_(counted) {}
  /// Shows what every job passes through before the first one does.
  void CountFromZero(const std::string& device);
  /// `stage` runs from now on (see pipeline::Progress); where another one ran, that one has ended.
  /// Of `device` the first word is counted by: "cpu" of "cpu (2 threads)".
  void Enter(const std::string& stage, const std::string& device);
  /// The running stage, if any, has ended.
  void Leave();

 private:
  CounterSet& counted_;
  std::string stage_, device_;
  std::chrono::steady_clock::time_point begun_{};
};

}  // namespace necknode::app
