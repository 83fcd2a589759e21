#include "app/stop_signal.h"

#include <atomic>
#include <csignal>
#include <ctime>

#include <pthread.h>
#include <signal.h>

namespace necknode::app {
namespace {

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

// Threads that a library started before main (OpenBLAS does) do not block the signals, and the
// system may choose one of them: without a handler the process would end there and then.
std::atomic<bool> caught{false};
static_assert(std::atomic<bool>::is_always_lock_free);
extern "C" void NoteSignal(int /*signal*/) { caught = true; }

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = StopSignals();
  struct sigaction action {};
  action.sa_handler = NoteSignal;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGTERM, SIGINT}) {
    sigaction(signal, &action, nullptr);
  }
  // Whoever reads the log may go away.
  std::signal(SIGPIPE, SIG_IGN);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::jthread([this](const std::stop_token& token) { Watch(token); });
}

StopSignal::~StopSignal() = default;

void StopSignal::Watch(const std::stop_token& token) {
  const sigset_t set = StopSignals();
  constexpr timespec kInterval{0, 50'000'000};
  while (!token.stop_requested()) {
    if (sigtimedwait(&set, nullptr, &kInterval) < 0 && !caught) {
      continue;
    }
    std::function<void()> action;
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      action = action_;
    }
    changed_.notify_all();
    if (action) {
      action();
    }
    return;
  }
}

bool StopSignal::Stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

bool StopSignal::WaitFor(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, duration, [this] { return stopped_; });
}

void StopSignal::OnStop(std::function<void()> action) {
  {
    const std::lock_guard lock(mutex_);
    action_ = action;
    if (!stopped_) {
      return;
    }
  }
  action();
}

}  // namespace necknode::app
