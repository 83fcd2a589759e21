#include <cstdio>
#include <exception>

#include "app/commands.h"
#include "core/log.h"

int main(int argc, char** argv) {
  using namespace necknode;
  StartLog("trainer", LogLevel::kWarning);
  CLI::App cli{"necknode-trainer: trains and measures the networks of necknode",
               "necknode-trainer"};
  cli.require_subcommand(1);
  app::AddTrain(cli);
  app::AddEvaluate(cli);
  try {
    cli.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return cli.exit(error);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "necknode-trainer: %s\n", error.what());
    return 1;
  }
}
