#include <map>
#include <memory>

#include "app/commands.h"
#include "app/node_options.h"
#include "app/roles.h"
#include "app/stop_signal.h"
#include "core/error.h"

namespace necknode::app {

void AddRole(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "role",
      "Run one role of a node alone, e.g. under systemd: receiver, coordinator, worker, sender, "
      "retriever or admin");
  using Run = void (*)(RunningConfig&, storage::Store&, StopSignal&);
  static const std::map<std::string, Run> kRoles = {{"receiver", RunReceiver},
                                                    {"coordinator", RunCoordinator},
                                                    {"worker", RunWorker},
                                                    {"sender", RunSender},
                                                    {"retriever", RunRetriever},
                                                    {"admin", RunAdmin}};
  auto options = std::make_shared<NodeOptions>();
  auto name = std::make_shared<std::string>();
  command->add_option("ROLE", *name)
      ->required()
      ->check(CLI::IsMember({"receiver", "coordinator", "worker", "sender", "retriever", "admin"}));
  options->AddTo(*command);
  command->callback([options, name] {
    StopSignal stop;
    RunningConfig config(*options);
    StartLog(*name, LogLevelOf(config.now().log_level));
    const auto store = OpenStore(config.now(), false);
    try {
      kRoles.at (*name)(config, *store, stop);
    } catch (const Error& error) {
      ReportFailed(*store, *name, error.what());
      throw;
    }
    Log(LogLevel::kInfo, "stopped");
  });
}

}  // namespace necknode::app
