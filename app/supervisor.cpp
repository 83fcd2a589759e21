#include "app/supervisor.h"

#include <algorithm>
#include <cstdlib>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/log.h"

namespace necknode::app {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kPoll{50};
constexpr std::chrono::milliseconds kFirstBackoff{500};
constexpr std::chrono::milliseconds kMaxBackoff{30'000};
constexpr std::chrono::seconds kHealthyAfter{
    20};                                     // a role that ran so long starts again without delay
constexpr std::chrono::seconds kStartUp{5};  // a failure within is one of starting
constexpr std::chrono::seconds kStopGrace{40};  // longer than any role's own

struct Child {
  const RoleProcess* role = nullptr;
  pid_t pid = 0;  ///< 0: not running
  SteadyTime started{}, start_due{};
  std::chrono::milliseconds backoff{kFirstBackoff};
  bool started_before = false;
};

pid_t Start(const RoleProcess& role) {
  std::vector<std::string> arguments = {"necknode"};
  arguments.insert(arguments.end(), role.arguments.begin(), role.arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  // OpenMP's threads spin while they wait, unless told not to: on a shared machine that starves the
  // other roles.
  setenv("OMP_WAIT_POLICY", "passive", 0);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) {
    throw Error(ErrorCode::kInternal, "cannot start a process for role " + role.name);
  }
  if (pid > 0) {
    return pid;
  }
  // In the child only what is safe after fork. It must not outlive a parent that was killed: its
  // port would stay taken.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) {
    _exit(1);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execv("/proc/self/exe", argv.data());
  _exit(127);
}

/// Exit code as a shell shows it.
int CodeOf(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

/// Codes that mean "cannot start as configured": wrong option, missing file, port taken. Trying
/// again helps nobody.
bool IsStartFailure(int code) { return code == 2 || code == 66 || code == 69; }

void StopAll(std::vector<Child>& children) {
  for (const Child& child : children) {
    if (child.pid != 0) {
      kill(child.pid, SIGTERM);
    }
  }
  const SteadyTime deadline = std::chrono::steady_clock::now() + kStopGrace;
  const auto running = [](const Child& child) { return child.pid != 0; };
  while (std::any_of(children.begin(), children.end(), running)) {
    for (Child& child : children) {
      if (child.pid == 0) {
        continue;
      }
      if (waitpid(child.pid, nullptr, WNOHANG) == child.pid) {
        child.pid = 0;
      }
      if (child.pid != 0 && std::chrono::steady_clock::now() > deadline) {
        Log(LogLevel::kWarning, "role_killed", {{"role", child.role->name}});
        kill(child.pid, SIGKILL);
        waitpid(child.pid, nullptr, 0);
        child.pid = 0;
      }
    }
    usleep(static_cast<useconds_t>(std::chrono::microseconds(kPoll).count()));
  }
}

}  // namespace

int Supervise(const std::vector<RoleProcess>& roles,
              StopSignal& stop,
              const std::function<void(const std::string& name, int pid)>& on_death) {
  std::vector<Child> children;
  for (const RoleProcess& role : roles) {
    children.push_back({&role, 0, {}, {}, kFirstBackoff, false});
  }
  while (!stop.Stopped()) {
    const SteadyTime now = std::chrono::steady_clock::now();
    for (Child& child : children) {
      if (child.pid == 0 && now >= child.start_due) {
        child.pid = Start(*child.role);
        child.started = now;
        continue;
      }
      int status = 0;
      if (child.pid == 0 || waitpid(child.pid, &status, WNOHANG) != child.pid) {
        continue;
      }
      const int dead = child.pid;
      child.pid = 0;
      if (stop.Stopped()) {
        break;
      }
      const int code = CodeOf(status);
      if (!child.started_before && now - child.started < kStartUp && IsStartFailure(code)) {
        Log(LogLevel::kError, "role_cannot_start", {{"role", child.role->name}, {"code", code}});
        StopAll(children);
        return code;
      }
      child.started_before = true;
      if (now - child.started > kHealthyAfter) {
        child.backoff = kFirstBackoff;
      }
      child.start_due = now + child.backoff;
      Log(LogLevel::kError,
          "role_died",
          {{"role", child.role->name},
           {"pid", dead},
           {"code", code},
           {"again_in_ms", child.backoff.count()}});
      child.backoff = std::min(child.backoff * 2, kMaxBackoff);
      on_death(child.role->name, dead);
    }
    stop.WaitFor(kPoll);
  }
  StopAll(children);
  return 0;
}

}  // namespace necknode::app
