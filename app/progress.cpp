#include "app/progress.h"

#include <algorithm>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

namespace necknode::app {
namespace {

constexpr int kBarWidth = 30;
constexpr std::size_t kLineWidth = 120;
constexpr std::chrono::milliseconds kTerminalInterval{100};
constexpr std::chrono::milliseconds kLineInterval{10'000};

std::string Clocked(double seconds) {
  char text[32];
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole < 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return text;
}

/// Columns of the terminal, less one: a full line would begin the next.
std::size_t TerminalWidth() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2) {
    return kLineWidth;
  }
  return size.ws_col - 1U;
}

}  // namespace

std::string ProgressLine(const std::string& what,
                         const Progress& progress,
                         const std::string& note,
                         bool with_bar,
                         std::size_t width) {
  const int here = progress.done - progress.first;
  const double rate = progress.seconds > 0 ? here / progress.seconds : 0;
  const double left = rate > 0 ? (progress.of - progress.done) / rate : 0;
  std::string line = what;
  if (with_bar) {
    const double share = std::clamp(static_cast<double>(progress.done) / progress.of, 0.0, 1.0);
    const auto filled = static_cast<std::size_t>(kBarWidth * share);
    line += " [" + std::string(filled, '#');
    line += std::string(kBarWidth - filled, '.') + "]";
  }
  char numbers[96];
  std::snprintf(numbers,
                sizeof numbers,
                rate < 1 ? " %d/%d  %.2f/s  %s left" : " %d/%d  %.1f/s  %s left",
                progress.done,
                progress.of,
                rate,
                Clocked(left).c_str());
  line += numbers;
  if (!note.empty()) {
    line += "  ";
    line += note;
  }
  line.resize(std::min(line.size(), width));
  return line;
}

ProgressBar::ProgressBar(std::string what, int of)
    : what_(std::move(what)),
      terminal_(isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()),
      last_(terminal_ ? std::chrono::steady_clock::time_point{} : start_) {
  progress_.of = std::max(of, 1);
}

ProgressBar::~ProgressBar() {
  if (drawn_ && terminal_) {
    std::fputc('\n', stderr);
  }
}

void ProgressBar::Update(int done, const std::string& note) {
  const auto now = std::chrono::steady_clock::now();
  const auto interval = terminal_ ? kTerminalInterval : kLineInterval;
  const bool is_last = done >= progress_.of && progress_.done < progress_.of;
  progress_.done = done;
  // Off a terminal, work that is done before its first line was due says nothing.
  if (now - last_ < interval && !(is_last && (terminal_ || drawn_))) {
    return;
  }
  last_ = now;
  drawn_ = true;
  progress_.seconds = std::chrono::duration<double>(now - start_).count();
  if (terminal_) {
    std::fprintf(
        stderr, "\r\033[K%s", ProgressLine(what_, progress_, note, true, TerminalWidth()).c_str());
  } else {
    std::fprintf(stderr, "%s\n", ProgressLine(what_, progress_, note, false, kLineWidth).c_str());
  }
  std::fflush(stderr);
}

}  // namespace necknode::app
