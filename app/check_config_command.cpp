#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/node_options.h"
#include "config/config.h"

namespace necknode::app {

void AddCheckConfig(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "check-config", "Print every problem of a configuration file; exit 2 where there is one");
  auto file = std::make_shared<std::string>();
  command->add_option("FILE", *file, "TOML file")->required();
  command->callback([file] {
    const config::Loaded loaded = config::LoadConfig(*file);
    if (!loaded.problems.empty()) {
      PrintProblems(*file, loaded.problems);
      throw ExitWith{2};
    }
    const config::Config& config = loaded.config;
    std::printf("%s is good: %zu AE title(s), %zu peer(s), %zu route(s), listening on %s:%d\n",
                file->c_str(),
                config.ae.size(),
                config.peers.size(),
                config.routes.size(),
                config.BindAddress().c_str(),
                config.port);
  });
}

}  // namespace necknode::app
