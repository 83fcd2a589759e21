#pragma once

#include <chrono>
#include <string>

namespace necknode::app {

/// Progress of a long command on standard error: a bar with rate and time left at a terminal, one
/// plain line every ten seconds elsewhere, none for what takes less. Not thread safe.
class ProgressBar {
 public:
  /// `what` names the work, e.g. "detect"; `of` is how many steps there are.
  ProgressBar(std::string what, int of);
  ~ProgressBar();  ///< ends the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  /// `done` steps are done; `note` is shown behind the bar, e.g. "loss 0.31".
  void Update(int done, const std::string& note = "");

 private:
  std::string what_;
  int of_;
  bool terminal_;
  std::chrono::steady_clock::time_point start_, last_;
  bool drawn_ = false;
};

}  // namespace necknode::app
