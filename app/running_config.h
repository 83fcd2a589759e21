#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "admin/live_config.h"
#include "app/node_options.h"
#include "config/config.h"
#include "storage/versioned_file.h"

namespace necknode::app {

/// A configuration file's text with the tables of peers.toml in their place, where it is there and
/// not ruled out by `[admin] readonly`.
[[nodiscard]] config::Loaded LoadedWith(const std::string& config_text,
                                        const storage::VersionedFile& peers);

/// The configuration of a role while it runs: AE titles, peers and routes follow peers.toml,
/// everything else stays as it was at the start. Not thread safe.
class RunningConfig {
 public:
  /// Throws as NodeOptions::Load.
  explicit RunningConfig(const NodeOptions& options);
  RunningConfig(const RunningConfig&) = delete;
  RunningConfig& operator=(const RunningConfig&) = delete;

  /// What it refers to changes with Refresh() only.
  [[nodiscard]] const config::Config& now() const { return config_; }
  /// The configuration file's, as it was at the start.
  [[nodiscard]] const std::string& text() const { return text_; }
  /// Looks whether peers.toml was replaced since, or whether somebody asks to look again, and takes
  /// it over. True: it was. What cannot be taken over is logged, and the last good one stays. Costs
  /// little: call it before every piece of work.
  bool Refresh();
  /// What the files say now, for a reader on any thread; where they cannot be taken over what was
  /// in force at the start.
  [[nodiscard]] config::Config InForce() const;

 private:
  const NodeOptions options_;
  const std::string text_;
  const storage::VersionedFile peers_;
  std::optional<storage::FileMark> seen_;
  const config::Config first_;
  config::Config config_;
};

}  // namespace necknode::app
