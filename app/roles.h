#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/audit_options.h"
#include "app/running_config.h"
#include "app/stop_signal.h"
#include "config/config.h"
#include "storage/store.h"

namespace necknode::app {

// Each runs one role of the node until `stop`. They throw Error; a role that throws ends its
// process, and the supervisor starts it again.

void RunReceiver(RunningConfig& config, storage::Store& store, StopSignal& stop);
void RunCoordinator(RunningConfig& config, storage::Store& store, StopSignal& stop);
void RunSender(RunningConfig& config, storage::Store& store, StopSignal& stop);
/// Idle while the configuration has no peer to ask, see Config::AsksArchives().
void RunRetriever(RunningConfig& config, storage::Store& store, StopSignal& stop);
/// In admin_role.cpp: the administrator's page and API. Not where [http] has the port 0.
void RunAdmin(RunningConfig& config, storage::Store& store, StopSignal& stop);
/// In worker.cpp: takes jobs, runs the networks, writes the results.
void RunWorker(RunningConfig& config, storage::Store& store, StopSignal& stop);

/// Notes why a role ends, in its own process.
void ReportFailed(storage::Store& store, const std::string& role, const std::string& reason);
/// Notes that the process of a role is gone, unasked, and starts again; with the reason that it
/// gave, if any.
void ReportDied(storage::Store& store, const std::string& role);

/// The lease owner that a worker process with this id uses.
[[nodiscard]] std::string WorkerOwner(int pid);

/// Writes the role's row of the store at most every five seconds, and at the end that the role has
/// ended; the audit trail has start and end too. Not thread safe.
class RoleReporter {
 public:
  using Counted = std::function<std::vector<CounterSample>()>;
  /// `counted`, where given, tells what the role has counted since its start.
  RoleReporter(storage::Store& store, const std::string& role, Counted counted = {});
  ~RoleReporter();
  RoleReporter(const RoleReporter&) = delete;
  RoleReporter& operator=(const RoleReporter&) = delete;
  void Report(const std::string& text);

 private:
  storage::Store& store_;
  storage::RoleStatus status_;
  const Counted counted_;
  AuditedActivity activity_;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace necknode::app
