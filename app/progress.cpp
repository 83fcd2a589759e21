#include "app/progress.h"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

namespace necknode::app {
namespace {

constexpr int kBarWidth = 30;
constexpr std::chrono::milliseconds kTerminalInterval{100};
constexpr std::chrono::seconds kLineInterval{10};

std::string Clocked(double seconds) {
  char text[32];
  const auto whole = static_cast<int>(seconds + 0.5);
  std::snprintf(text, sizeof text, "%d:%02d", whole / 60, whole % 60);
  return text;
}

}  // namespace

ProgressBar::ProgressBar(std::string what, int of)
    : what_(std::move(what)),
      of_(std::max(of, 1)),
      terminal_(isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()),
      last_(terminal_ ? std::chrono::steady_clock::time_point{} : start_) {}

ProgressBar::~ProgressBar() {
  if (drawn_ && terminal_) {
    std::fputc('\n', stderr);
  }
}

void ProgressBar::Update(int done, const std::string& note) {
  const auto now = std::chrono::steady_clock::now();
  const bool last = done >= of_;
  const auto interval =
      terminal_ ? std::chrono::duration_cast<std::chrono::milliseconds>(kTerminalInterval)
                : std::chrono::duration_cast<std::chrono::milliseconds>(kLineInterval);
  // Off a terminal, work that is done before its first line was due says nothing.
  if (now - last_ < interval && !(last && (terminal_ || drawn_))) {
    return;
  }
  last_ = now;
  drawn_ = true;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double rate = elapsed > 0 ? done / elapsed : 0;
  const double left = rate > 0 ? (of_ - done) / rate : 0;
  char numbers[96];
  std::snprintf(
      numbers, sizeof numbers, "%d/%d  %.1f/s  %s left", done, of_, rate, Clocked(left).c_str());
  if (terminal_) {
    const int filled = static_cast<int>(static_cast<double>(kBarWidth) * std::min(done, of_) / of_);
    const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                            std::string(static_cast<std::size_t>(kBarWidth - filled), '.');
    std::fprintf(
        stderr, "\r\033[K%s [%s] %s  %s", what_.c_str(), bar.c_str(), numbers, note.c_str());
  } else {
    std::fprintf(stderr, "%s %s  %s\n", what_.c_str(), numbers, note.c_str());
  }
  std::fflush(stderr);
}

}  // namespace necknode::app
