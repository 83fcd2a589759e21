#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "app/stop_signal.h"

namespace necknode::app {

/// One child process to be kept running.
struct RoleProcess {
  std::string name;
  std::vector<std::string> arguments;  ///< of this same program
};

/// Starts each role as a child process of this program and starts one that died again, after a
/// backoff. Returns when `stop` came and all have ended (SIGTERM, then SIGKILL after a grace), or
/// with the exit code of a role that could not start at all. `on_death(name, pid)` is called for
/// every child that ended unasked.
int Supervise(const std::vector<RoleProcess>& roles,
              StopSignal& stop,
              const std::function<void(const std::string& name, int pid)>& on_death);

}  // namespace necknode::app
