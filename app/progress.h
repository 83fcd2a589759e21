#pragma once

#include <chrono>
#include <string>

namespace necknode::app {

/// What a long command has done so far.
struct Progress {
  int done = 0, of = 1;
  int first = 0;       ///< steps that an earlier process had done
  double seconds = 0;  ///< since this process began
};

/// "train 1200/5000  1.6/s  39:22 left  loss 0.31", at most `width` characters, with a bar in front
/// of the numbers where `with_bar`. The rate is that of this process.
[[nodiscard]] std::string ProgressLine(const std::string& what,
                                       const Progress& progress,
                                       const std::string& note,
                                       bool with_bar,
                                       std::size_t width);

/// Progress of a long command on standard error: a bar with rate and time left at a terminal, one
/// plain line of at most 120 characters every ten seconds elsewhere, none for what takes less. Not
/// thread safe.
class ProgressBar {
 public:
  /// `what` names the work, e.g. "detect"; `of` is how many steps there are.
  ProgressBar(std::string what, int of);
  ~ProgressBar();  ///< ends the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  /// `first` steps had been done before: the rate does not count them.
  void StartAt(int first) { progress_.first = first; }
  /// `done` steps are done; `note` is shown behind the bar, e.g. "loss 0.31".
  void Update(int done, const std::string& note = "");

 private:
  std::string what_;
  Progress progress_;
  bool terminal_;
  std::chrono::steady_clock::time_point start_, last_;
  bool drawn_ = false;
};

}  // namespace necknode::app
