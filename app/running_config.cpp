#include "app/running_config.h"

#include "core/error.h"
#include "core/log.h"

namespace necknode::app {

config::Loaded LoadedWith(const std::string& config_text, const storage::VersionedFile& peers) {
  config::Loaded seed = config::ParseConfig(config_text);
  if (seed.config.admin_readonly) {
    return seed;
  }
  const auto in_force = admin::ReadTablesInForce(peers);
  return in_force ? config::ParseConfig(config_text, in_force->read.file.tables) : std::move(seed);
}

RunningConfig::RunningConfig(const NodeOptions& options)
    : options_(options),
      text_(options.ConfigText()),
      peers_(options.DataFolder(text_), admin::kPeersFileName),
      seen_(peers_.Mark()),
      first_(options.Load()),
      config_(first_) {}

config::Config RunningConfig::InForce() const {
  try {
    config::Loaded loaded = LoadedWith(text_, peers_);
    if (loaded.problems.empty()) {
      options_.Override(loaded.config);
      return std::move(loaded.config);
    }
  } catch (const Error&) {
    // The roles log it when they look.
  }
  return first_;
}

bool RunningConfig::Refresh() {
  if (config_.admin_readonly) {
    return false;
  }
  const auto mark = peers_.Mark();
  if (mark == seen_) {
    return false;
  }
  seen_ = mark;
  std::string problem;
  try {
    const auto in_force = admin::ReadTablesInForce(peers_);
    if (in_force && in_force->edited) {
      problem = "peers.toml was edited by hand: necknode config reload takes that over";
    } else if (in_force) {
      config::Loaded loaded = config::ParseConfig(text_, in_force->read.file.tables);
      if (loaded.problems.empty()) {
        options_.Override(loaded.config);
        config_ = std::move(loaded.config);
        Log(LogLevel::kInfo,
            "configuration_taken",
            {{"generation", in_force->read.file.generation},
             {"peers", config_.peers.size()},
             {"routes", config_.routes.size()}});
        return true;
      }
      problem = loaded.problems.front().key_path + ": " + loaded.problems.front().message;
    }
  } catch (const Error& error) {
    problem = error.what();
  }
  if (!problem.empty()) {
    Log(LogLevel::kWarning, "configuration_not_taken", {{"reason", problem}});
  }
  return false;
}

}  // namespace necknode::app
