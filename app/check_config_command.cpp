#include <algorithm>
#include <cstdio>
#include <memory>

#include <unistd.h>

#include "admin/config_differences.h"
#include "admin/live_config.h"
#include "app/commands.h"
#include "app/exposed_secrets.h"
#include "app/http_access.h"
#include "app/listing.h"
#include "app/node_options.h"
#include "app/package_path.h"
#include "app/remote_peer.h"
#include "config/config.h"
#include "coordinator/notice_channels.h"
#include "core/error.h"
#include "models/compute.h"
#include "models/package.h"
#include "scp/credentials.h"

namespace necknode::app {
namespace {

using nlohmann::json;

int LineOf(const config::Loaded& loaded, const std::string& key_path) {
  const auto found = loaded.lines.find(key_path);
  return found == loaded.lines.end() ? 0 : found->second;
}

bool HasProblem(const config::Loaded& loaded, const std::string& key_path) {
  return std::any_of(loaded.problems.begin(), loaded.problems.end(), [&](const auto& problem) {
    return problem.key_path == key_path;
  });
}

/// Whether the model package of each route is there and usable, which only this machine can tell.
std::vector<config::Problem> PackageProblems(const config::Loaded& loaded) {
  std::vector<config::Problem> problems;
  std::filesystem::path root;
  try {
    root = PackageRoot(loaded.config.packages);
  } catch (const Error& error) {
    return {{LineOf(loaded, "node.packages"), "node.packages", error.what()}};
  }
  const auto check = [&](const std::string& key_path, const std::string& package) {
    if (package.empty() || HasProblem(loaded, key_path)) {
      return;
    }
    try {
      (void)models::LoadPackage(FindPackage(package, root));
    } catch (const Error& error) {
      problems.push_back({LineOf(loaded, key_path), key_path, error.what()});
    }
  };
  for (std::size_t i = 0; i < loaded.config.routes.size(); ++i) {
    const std::string route = "route[" + std::to_string(i) + "]";
    check(route + ".package", loaded.config.routes[i].package);
    check(route + ".shadow", loaded.config.routes[i].shadow);
  }
  return problems;
}

/// The data folder, or the nearest above it that is there: the rest is made at the first start.
std::filesystem::path ThereOf(const std::filesystem::path& data) {
  std::error_code error;
  std::filesystem::path there = std::filesystem::absolute(data).lexically_normal();
  while (!std::filesystem::exists(there, error) && there.has_relative_path()) {
    there = there.parent_path();
  }
  return there;
}

/// Whether the data folder can be one, and the device is there.
std::vector<config::Problem> MachineProblems(const config::Loaded& loaded) {
  std::vector<config::Problem> problems;
  const auto add = [&](const std::string& key_path, const std::string& message) {
    if (!HasProblem(loaded, key_path)) {
      problems.push_back({LineOf(loaded, key_path), key_path, message});
    }
  };
  const std::filesystem::path there = ThereOf(loaded.config.data);
  std::error_code error;
  if (!std::filesystem::is_directory(there, error)) {
    add("node.data", there.string() + " is not a folder");
  }
  try {
    (void)models::SelectDevice(loaded.config.device);
  } catch (const Error& failure) {
    add("node.device", failure.what());
  }
  return problems;
}

/// What the node would start with, but should not.
std::vector<config::Problem> Warnings(const config::Loaded& loaded) {
  std::vector<config::Problem> warnings;
  const auto add = [&](const std::string& key_path, const std::string& message) {
    warnings.push_back({LineOf(loaded, key_path), key_path, message});
  };
  const std::filesystem::path there = ThereOf(loaded.config.data);
  if (access(there.c_str(), W_OK | X_OK) != 0) {
    add("node.data", "the user of this command may not write in " + there.string());
  }
  std::error_code error;
  const auto space = std::filesystem::space(there, error);
  if (!error && loaded.config.reserve_bytes.value_or(0) >= space.capacity) {
    add("node.reserve_mib", "the disk is smaller than that: nothing would be accepted");
  }
  for (const SecretFile& secret : ExposedSecrets(loaded.config)) {
    add(secret.key_path,
        "every user of this machine may read or write " + secret.file.string() +
            ": chmod o= on it");
  }
  return warnings;
}

/// Whether the password and token files of the peers can be used.
std::vector<config::Problem> CredentialProblems(const config::Loaded& loaded) {
  std::vector<config::Problem> problems;
  for (std::size_t i = 0; i < loaded.config.peers.size(); ++i) {
    const auto web = WebServiceOf(loaded.config, loaded.config.peers[i]);
    const std::string problem = web ? scp::CredentialProblem(*web) : "";
    if (!problem.empty()) {
      const std::string key_path = "peer[" + std::to_string(i) + "]";
      problems.push_back({LineOf(loaded, key_path), key_path, problem});
    }
  }
  return problems;
}

/// Whether the secrets of webhook and mail can be used.
std::vector<config::Problem> NoticeProblems(const config::Loaded& loaded) {
  std::vector<config::Problem> problems;
  const config::Notices& notices = loaded.config.notices;
  for (const auto& [key_path, file] :
       {std::pair("notices.webhook.secret_file", notices.webhook_secret_file),
        std::pair("notices.email.password_file", notices.smtp_password_file)}) {
    try {
      if (!file.empty()) {
        (void)coordinator::ReadNoticeSecret(file);
      }
    } catch (const Error& error) {
      problems.push_back({LineOf(loaded, key_path), key_path, error.what()});
    }
  }
  return problems;
}

/// What is to be said of a configuration.
struct Findings {
  std::string file;  ///< with the problems
  std::vector<config::Problem> problems;
  json differences = json::array();  ///< [{file, key, text}] in which peers.toml wins
  bool edited = false;               ///< peers.toml, by hand, and it is not taken over
  config::Tables in_force = {};
  std::vector<config::Problem> warnings = {};  ///< of `file`: what the node would start with
};

/// Where a peers.toml is in force: in what it differs from the file, and what is wrong with both
/// together.
void CheckPeersFile(const std::string& file, const config::Loaded& seed, Findings& findings) {
  const storage::VersionedFile peers(seed.config.data, admin::kPeersFileName);
  if (seed.config.admin_readonly) {
    return;
  }
  const auto in_force = admin::ReadTablesInForce(peers);
  if (!in_force) {
    return;
  }
  const std::string path = peers.path().string(), text = config::ReadConfigFile(file);
  if (in_force->edited) {
    findings.problems = config::ParsePeersFile(peers.Read().value_or("")).problems;
    if (!findings.problems.empty()) {
      findings.file = path;
      return;
    }
    findings.edited = true;
  }
  for (const auto& [key, difference] :
       admin::DifferencesFromSeed(text, in_force->read.file.tables)) {
    findings.differences.push_back({{"file", path}, {"key", key}, {"text", difference}});
  }
  findings.file = path;
  findings.in_force = in_force->read.file.tables;
  findings.problems = config::ParseConfig(text, in_force->read.file.tables).problems;
}

/// Whether the page may be started, which the users in the node's data decide.
std::string AccessProblem(const config::Config& config) {
  if (!config.HttpBeyondLoopback() ||
      !std::filesystem::exists(config.data / storage::kDatabaseFile)) {
    return HttpProblem(config, nullptr);
  }
  return HttpProblem(config, OpenStore(config, true).get());
}

Findings Check(const std::string& file, config::Loaded loaded) {
  for (const auto& problems_of :
       {MachineProblems, PackageProblems, CredentialProblems, NoticeProblems}) {
    for (config::Problem& problem : problems_of(loaded)) {
      loaded.problems.push_back(std::move(problem));
    }
  }
  if (const std::string problem = scp::TlsProblem(TlsFilesOf(loaded.config)); !problem.empty()) {
    loaded.problems.push_back({LineOf(loaded, "tls"), "tls", problem});
  }
  if (const std::string problem = loaded.problems.empty() ? AccessProblem(loaded.config) : "";
      !problem.empty()) {
    loaded.problems.push_back({LineOf(loaded, "http.bind"), "http.bind", problem});
  }
  Findings findings{file, std::move(loaded.problems)};
  findings.in_force = loaded.config.GetTables();
  findings.warnings = Warnings(loaded);
  if (findings.problems.empty()) {
    CheckPeersFile(file, loaded, findings);
  }
  return findings;
}

json AsJson(const std::string& file, const std::vector<config::Problem>& problems) {
  json entries = json::array();
  for (const config::Problem& problem : problems) {
    entries.push_back({{"file", file},
                       {"line", problem.line > 0 ? json(problem.line) : json(nullptr)},
                       {"key", problem.key_path},
                       {"message", problem.message}});
  }
  return entries;
}

json AsJson(const std::string& file, const Findings& findings) {
  return {{"good", findings.problems.empty()},
          {"problems", AsJson(findings.file, findings.problems)},
          {"warnings", AsJson(file, findings.warnings)},
          {"differences", findings.differences},
          {"edited_by_hand", findings.edited}};
}

void Print(const std::string& file, const config::Config& config, const Findings& findings) {
  const auto text = [](const json& of, const char* key) { return of.at(key).get<std::string>(); };
  for (const json& one : findings.differences) {
    std::printf("%s wins over %s: %s %s\n",
                text(one, "file").c_str(),
                file.c_str(),
                text(one, "key").c_str(),
                text(one, "text").c_str());
  }
  if (findings.edited) {
    std::printf("%s was edited by hand and is not taken over: necknode config reload\n",
                findings.file.c_str());
  }
  for (const config::Problem& warning : findings.warnings) {
    std::fprintf(stderr,
                 "%s:%d: warning: %s: %s\n",
                 file.c_str(),
                 warning.line,
                 warning.key_path.c_str(),
                 warning.message.c_str());
  }
  if (!findings.problems.empty()) {
    PrintProblems(findings.file, findings.problems);
  } else {
    std::printf("%s is good: AE titles %zu, peers %zu, routes %zu; listening on %s:%d\n",
                file.c_str(),
                findings.in_force.ae.size(),
                findings.in_force.peers.size(),
                findings.in_force.routes.size(),
                config.BindAddress().c_str(),
                config.port);
  }
}

}  // namespace

void AddCheckConfig(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "check-config",
      "Print every problem of a configuration file, of its TLS and credential files, "
      "and of the model packages that its routes name, "
      "and in what the data folder's peers.toml differs; "
      "exit 2 where there is one");
  auto file = std::make_shared<std::string>();
  auto as_json = std::make_shared<bool>(false);
  command->add_option("FILE", *file, "TOML file")->required()->check(CLI::ExistingFile);
  command->add_flag("--json", *as_json, "Machine-readable");
  command->callback([file, as_json] {
    const config::Loaded loaded = config::LoadConfig(*file);
    const Findings findings = Check(*file, loaded);
    if (*as_json) {
      PrintJson(AsJson(*file, findings));
    } else {
      Print(*file, loaded.config, findings);
    }
    if (!findings.problems.empty()) {
      throw ExitWith{2};
    }
  });
}

}  // namespace necknode::app
