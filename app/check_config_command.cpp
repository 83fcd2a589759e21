#include <algorithm>
#include <cstdio>
#include <memory>

#include "admin/config_differences.h"
#include "admin/live_config.h"
#include "app/commands.h"
#include "app/http_access.h"
#include "app/node_options.h"
#include "app/package_path.h"
#include "app/remote_peer.h"
#include "config/config.h"
#include "coordinator/notice_channels.h"
#include "core/error.h"
#include "models/package.h"
#include "scp/credentials.h"

namespace necknode::app {
namespace {

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

/// Where a peers.toml is in force: in what it differs from the file, and what is wrong with both
/// together. True where nothing is.
bool CheckPeersFile(const std::string& file, const config::Loaded& seed) {
  const storage::VersionedFile peers(seed.config.data, admin::kPeersFileName);
  if (seed.config.admin_readonly) {
    return true;
  }
  const auto in_force = admin::ReadTablesInForce(peers);
  if (!in_force) {
    return true;
  }
  const std::string path = peers.path().string(), text = config::ReadConfigFile(file);
  if (in_force->edited) {
    const auto read = config::ParsePeersFile(peers.Read().value_or(""));
    if (!read.problems.empty()) {
      PrintProblems(path, read.problems);
      return false;
    }
    std::printf("%s was edited by hand and is not taken over: necknode config reload\n",
                path.c_str());
  }
  for (const auto& [key, difference] :
       admin::DifferencesFromSeed(text, in_force->read.file.tables)) {
    std::printf(
        "%s wins over %s: %s %s\n", path.c_str(), file.c_str(), key.c_str(), difference.c_str());
  }
  const config::Loaded loaded = config::ParseConfig(text, in_force->read.file.tables);
  if (!loaded.problems.empty()) {
    PrintProblems(path, loaded.problems);
  }
  return loaded.problems.empty();
}

/// Whether the page may be started, which the users in the node's data decide.
std::string AccessProblem(const config::Config& config) {
  if (!config.HttpBeyondLoopback() ||
      !std::filesystem::exists(config.data / storage::kDatabaseFile)) {
    return HttpProblem(config, nullptr);
  }
  return HttpProblem(config, OpenStore(config, true).get());
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
  command->add_option("FILE", *file, "TOML file")->required()->check(CLI::ExistingFile);
  command->callback([file] {
    config::Loaded loaded = config::LoadConfig(*file);
    for (const auto& problems_of : {PackageProblems, CredentialProblems, NoticeProblems}) {
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
    if (!loaded.problems.empty()) {
      PrintProblems(*file, loaded.problems);
      throw ExitWith{2};
    }
    if (!CheckPeersFile(*file, loaded)) {
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
