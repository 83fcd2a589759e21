#include <cstdio>
#include <memory>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "admin/live_config.h"
#include "app/audit_options.h"
#include "app/commands.h"
#include "app/http_access.h"
#include "app/node_options.h"
#include "app/package_path.h"
#include "app/roles.h"
#include "app/supervisor.h"
#include "core/error.h"

namespace necknode::app {
namespace {

/// Holds the data folder for one `serve` at a time; the lock goes with the process.
class NodeLock {
 public:
  explicit NodeLock(const std::filesystem::path& folder)
      : descriptor_(open((folder / kServeLockName).c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) {
      throw Error(ErrorCode::kStorageFailed, "cannot open " + (folder / kServeLockName).string());
    }
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      close(descriptor_);
      throw Error(ErrorCode::kInvalidArgument,
                  "another necknode serves the data folder " + folder.string());
    }
  }
  ~NodeLock() { close(descriptor_); }
  NodeLock(const NodeLock&) = delete;
  NodeLock& operator=(const NodeLock&) = delete;

 private:
  int descriptor_;
};

// The first start makes peers.toml; what a hand has edited since the last one is taken over, unless
// something is wrong with it.
void BeginLiveConfig(const NodeOptions& options, config::Config& config, storage::Store& store) {
  admin::LiveConfig live(options.ConfigText(), config.data, store, SystemClock());
  const auto problems = live.Begin(storage::ProcessUser());
  for (const config::Problem& problem : problems) {
    Log(LogLevel::kWarning,
        "peers_file_not_taken",
        {{"line", problem.line}, {"key", problem.key_path}, {"reason", problem.message}});
  }
  config = options.Load();
}

void Serve(const NodeOptions& options) {
  StopSignal stop;
  config::Config config = options.Load();
  StartLog("serve", LogLevelOf(config.log_level));
  (void)PackageRoot(config.packages);
  const auto store = OpenStore(config, false);
  const NodeLock lock(config.data);
  RequireHttpAccess(config, store.get());
  const int swept = store->SweepOrphans(storage::ObjectKind::kReceived) +
                    store->SweepOrphans(storage::ObjectKind::kResult);
  BeginLiveConfig(options, config, *store);
  AuditConfiguration(*store, options.config_file, options.AsArguments());
  std::string titles;
  for (const config::OwnAe& ae : config.ae) {
    titles += (titles.empty() ? "" : ",") + ae.title;
  }
  Log(LogLevel::kInfo,
      "starting",
      {{"version", NECKNODE_VERSION},
       {"ae", titles},
       {"address", config.BindAddress()},
       {"port", config.port},
       {"http_port", config.http.port},
       {"data", config.data.string()},
       {"device", config.device},
       {"peers", config.peers.size()},
       {"swept_objects", swept}});
  std::vector<RoleProcess> roles;
  std::vector<std::string> names = {"receiver", "coordinator", "worker", "sender", "retriever"};
  if (config.http.port != 0) {
    names.emplace_back("admin");
  }
  for (const std::string& name : names) {
    RoleProcess role{name, {"role", name}};
    for (const std::string& argument : options.AsArguments()) {
      role.arguments.push_back(argument);
    }
    roles.push_back(std::move(role));
  }
  const int code = Supervise(roles, stop, [&](const std::string& name, int pid) {
    // The dead worker's job is known to be free now: no need to wait for its lease to run out.
    if (name == "worker") {
      store->jobs().ReleaseOwner(WorkerOwner(pid));
    }
    ReportDied(*store, name);
  });
  if (code != 0) {
    throw ExitWith{code};
  }
  Log(LogLevel::kInfo, "stopped");
}

}  // namespace

void AddServe(CLI::App& cli) {
  auto* command = cli.add_subcommand("serve",
                                     "Run the node: receiver, coordinator, worker, sender, "
                                     "retriever and the administrator's page");
  auto options = std::make_shared<NodeOptions>();
  options->AddTo(*command);
  command->callback([options] { Serve(*options); });
}

}  // namespace necknode::app
