#include <cstdio>
#include <functional>
#include <memory>

#include "app/commands.h"
#include "app/listing.h"
#include "app/local_api.h"

namespace necknode::app {
namespace {

using nlohmann::json;

struct ConfigArguments {
  NodeOptions node;
  int generation = 0;
  bool as_json = false;
};

std::string Text(const json& value, const char* key) { return value.at(key).get<std::string>(); }

void Versions(LocalApi& api, const ConfigArguments& arguments) {
  const json items = api.Get("/config/versions").at("items");
  if (arguments.as_json) {
    PrintJson(items);
    return;
  }
  std::printf("GENERATION  SAVED (UTC)          BY, AND WHAT\n");
  for (const json& version : items) {
    std::printf("%-10d  %s  %s: %s\n",
                version.at("generation").get<int>(),
                TimeOf(version, "time").c_str(),
                Text(version, "user").c_str(),
                Text(version, "comment").c_str());
  }
}

int InForce(LocalApi& api) { return api.Get("/config").at("generation").get<int>(); }

void Diff(LocalApi& api, const ConfigArguments& arguments) {
  const int generation = arguments.generation > 0 ? arguments.generation : InForce(api);
  const json version = api.Get("/config/versions/" + std::to_string(generation));
  if (arguments.as_json) {
    PrintJson(version);
  } else {
    std::printf("%s", Text(version, "diff").c_str());
  }
}

void PrintChange(const json& change, const ConfigArguments& arguments) {
  if (arguments.as_json) {
    PrintJson(change);
  } else {
    std::printf("%sgeneration %d is in force\n",
                Text(change, "diff").c_str(),
                change.at("generation").get<int>());
  }
}

void RestoreVersion(LocalApi& api, const ConfigArguments& arguments) {
  PrintChange(
      api.Send("POST", "/config/versions/" + std::to_string(arguments.generation) + "/restore"),
      arguments);
}

void Reload(LocalApi& api, const ConfigArguments& arguments) {
  PrintChange(api.Send("POST", "/config/reload"), arguments);
}

CLI::App* AddAction(CLI::App& command,
                    const char* name,
                    const char* help,
                    std::shared_ptr<ConfigArguments> arguments,
                    std::function<void(LocalApi&, const ConfigArguments&)> work) {
  CLI::App* action = command.add_subcommand(name, help);
  arguments->node.AddDataTo(*action);
  action->add_flag("--json", arguments->as_json, "Machine-readable");
  action->callback([arguments = std::move(arguments), work = std::move(work)] {
    LocalApi api(arguments->node);
    work(api, *arguments);
  });
  return action;
}

}  // namespace

void AddConfig(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "config", "Versions of AE titles, peers and routes: list, compare, bring back, reload");
  command->require_subcommand(1);
  AddAction(*command,
            "versions",
            "Print who changed what",
            std::make_shared<ConfigArguments>(),
            Versions);
  auto diff = std::make_shared<ConfigArguments>();
  AddAction(*command, "diff", "Print what a version changed", diff, Diff)
      ->add_option("GENERATION", diff->generation, "Default: the one in force")
      ->check(CLI::PositiveNumber);
  auto restore = std::make_shared<ConfigArguments>();
  AddAction(
      *command, "restore", "Bring an earlier version into force again", restore, RestoreVersion)
      ->add_option("GENERATION", restore->generation)
      ->required()
      ->check(CLI::PositiveNumber);
  AddAction(*command,
            "reload",
            "Take over a peers.toml that was edited by hand, and have the worker look for packages",
            std::make_shared<ConfigArguments>(),
            Reload);
}

}  // namespace necknode::app
