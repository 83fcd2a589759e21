#include <cstdio>
#include <fstream>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/package_path.h"
#include "core/error.h"
#include "models/inference.h"
#include "models/install_package.h"
#include "models/package.h"

namespace necknode::app {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct PackagesArguments {
  fs::path root, source;
  bool clinical = false;
  std::vector<std::string> names;
  bool as_json = false;
};

std::string Dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

/// The states as `list` and `verify` print them.
Json StatesAsJson(const std::vector<models::PackageState>& states) {
  Json rows = Json::array();
  for (const models::PackageState& state : states) {
    Json row = {{"package", state.name + "/" + state.version},
                {"folder", state.folder.string()},
                {"usable", state.package.has_value()},
                {"reason", state.reason}};
    if (state.package) {
      row["digest"] = state.package->digest;
      row["sha256"] = {{models::kDetectorFile, state.package->detector_sha256},
                       {models::kClassifierFile, state.package->classifier_sha256}};
      row["clinical"] = state.package->clinical;
      row["warning"] = state.package->warning;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void PrintStates(const std::vector<models::PackageState>& states, bool as_json) {
  if (as_json) {
    std::printf("%s\n", Dump(StatesAsJson(states)).c_str());
    return;
  }
  if (states.empty()) {
    std::printf("no packages\n");
  }
  for (const models::PackageState& state : states) {
    const std::string package = state.name + "/" + state.version;
    if (state.package) {
      std::printf("%-24s usable    %s  %s\n",
                  package.c_str(),
                  state.package->digest.substr(0, 12).c_str(),
                  state.package->clinical ? "clinical" : state.package->warning.c_str());
    } else {
      std::printf("%-24s refused   %s\n", package.c_str(), state.reason.c_str());
    }
  }
}

void List(const PackagesArguments& arguments) {
  PrintStates(models::ListPackages(PackageRoot(arguments.root)), arguments.as_json);
}

/// "detector.base_width  16" for each value of the manifest; long texts and records as they are.
void PrintValues(const Json& value, const std::string& path) {
  if (value.is_object() && !value.empty()) {
    for (const auto& [key, inner] : value.items()) {
      PrintValues(inner, path.empty() ? key : path + "." + key);
    }
    return;
  }
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  std::printf("%-40s %s\n", path.c_str(), text.c_str());
}

void Show(const PackagesArguments& arguments) {
  const fs::path folder = FindPackage(arguments.names.front(), PackageRoot(arguments.root));
  const models::Package package = models::LoadPackage(folder);
  std::ifstream in(folder / models::kManifestFile);
  const Json shown = {
      {"folder", folder.string()}, {"digest", package.digest}, {"manifest", Json::parse(in)}};
  if (arguments.as_json) {
    std::printf("%s\n", Dump(shown).c_str());
    return;
  }
  std::printf("%-40s %s\n%-40s %s\n", "folder", folder.c_str(), "digest", package.digest.c_str());
  PrintValues(shown.at("manifest"), "");
}

/// Loads manifest and weights and runs both networks once, as a worker does before its first job.
models::PackageState Verified(models::PackageState state) {
  if (state.package) {
    try {
      const models::Inference inference(*state.package, "cpu");
    } catch (const Error& error) {
      state.package.reset();
      state.reason = error.what();
    }
  }
  return state;
}

models::PackageState StateOf(const fs::path& folder) {
  const fs::path whole = fs::weakly_canonical(folder);
  models::PackageState state{
      whole.parent_path().filename().string(), whole.filename().string(), whole, std::nullopt, ""};
  try {
    state.package = models::LoadPackage(whole);
  } catch (const Error& error) {
    state.reason = error.what();
  }
  return state;
}

void Verify(const PackagesArguments& arguments) {
  models::UseAllCpus();
  std::vector<models::PackageState> states;
  const fs::path root = PackageRoot(arguments.root);
  if (arguments.names.empty()) {
    states = models::ListPackages(root);
  }
  for (const std::string& name : arguments.names) {
    states.push_back(StateOf(FindPackage(name, root)));
  }
  bool all_usable = true;
  for (models::PackageState& state : states) {
    state = Verified(std::move(state));
    all_usable = all_usable && state.package.has_value();
  }
  PrintStates(states, arguments.as_json);
  if (!all_usable) {
    throw ExitWith{1};
  }
}

void Install(const PackagesArguments& arguments) {
  models::UseAllCpus();
  // A folder that is named need not exist yet.
  const fs::path root = arguments.root.empty() ? PackageRoot({}) : arguments.root;
  const models::Package package =
      models::InstallPackage(arguments.source, root, arguments.clinical);
  PrintStates({{package.name, package.version, package.folder, package, ""}}, arguments.as_json);
}

}  // namespace

void AddPackages(CLI::App& cli) {
  auto* command =
      cli.add_subcommand("packages", "Model packages: list, show, verify, install, import");
  command->require_subcommand(1);
  auto arguments = std::make_shared<PackagesArguments>();
  const auto add = [&](const char* name, const char* description, auto action) {
    auto* sub = command->add_subcommand(name, description);
    sub->add_option("--packages", arguments->root, "Folder that holds <name>/<version>/");
    sub->add_flag("--json", arguments->as_json, "Machine-readable");
    sub->callback([arguments, action] { action(*arguments); });
    return sub;
  };
  add("list", "Every installed package, usable or refused with the reason", List);
  add("show", "One package's manifest", Show)
      ->add_option("package", arguments->names, "<name>/<version> or a folder")
      ->required()
      ->expected(1);
  add("verify", "Digests, weights and one run of both networks; exits 1 where one fails", Verify)
      ->add_option("package", arguments->names, "<name>/<version> or folders; none: all installed");
  auto* install =
      add("install", "Copy a package to where the node finds it, all or nothing", Install);
  install->add_option("source", arguments->source, "Folder of the package")
      ->required()
      ->check(CLI::ExistingDirectory);
  install->add_flag("--clinical",
                    arguments->clinical,
                    "Its figures were judged and it is cleared for clinical use here");
  AddImport(*command);
}

}  // namespace necknode::app
