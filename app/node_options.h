#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "config/config.h"
#include "core/log.h"
#include "storage/store.h"

namespace necknode::app {

/// The options that say which node is meant: a configuration file, and flags that override it for
/// this run.
struct NodeOptions {
  std::string config_file;
  std::string data, ae, device, bind;
  std::uint16_t port = 0;
  std::optional<std::uint16_t> http_port;
  double quiet_time_s = 0;

  /// Adds --config, --data, --port, ... to a command.
  void AddTo(CLI::App& command);
  /// Of them only those that say where the node's data is.
  void AddDataTo(CLI::App& command);
  /// The validated configuration, with the AE titles, peers and routes of the data folder's
  /// peers.toml where there is one. Prints every problem to standard error and throws ExitWith{2}
  /// where there is one.
  [[nodiscard]] config::Config Load() const;
  /// Text of the configuration file, or empty.
  [[nodiscard]] std::string ConfigText() const;
  /// The data folder that `config_text`, or a flag, names.
  [[nodiscard]] std::filesystem::path DataFolder(const std::string& config_text) const;
  /// Puts the flags in place of what they override. Throws Error(kInvalidArgument) where one is
  /// wrong.
  void Override(config::Config& config) const;
  /// The same options as command-line arguments, for a child process.
  [[nodiscard]] std::vector<std::string> AsArguments() const;
};

/// Prints problems as `FILE:LINE: key: message`.
void PrintProblems(const std::string& file, const std::vector<config::Problem>& problems);

[[nodiscard]] LogLevel LogLevelOf(const std::string& name);

/// Within the data folder: what `serve` locks.
inline constexpr const char* kServeLockName = "serve.lock";

/// Opens the node's store. With `must_exist` a folder that holds no node is an Error(kNotFound)
/// instead of being made; without it, a folder that holds anything else is an
/// Error(kInvalidArgument).
[[nodiscard]] std::unique_ptr<storage::Store> OpenStore(const config::Config& config,
                                                        bool must_exist);

}  // namespace necknode::app
