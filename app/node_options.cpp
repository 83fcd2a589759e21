#include "app/node_options.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/number_checks.h"
#include "app/running_config.h"
#include "core/clock.h"
#include "core/error.h"

namespace necknode::app {

namespace {

std::string NotEmpty(const std::string& value) { return value.empty() ? "must not be empty" : ""; }

// Objects and database hold patient data: owner and group alone may read what the node makes.
constexpr mode_t kOthersMayNothing = 0027;

// What root writes into another's folder, that one cannot read.
void RequireOwner(const std::filesystem::path& folder) {
  struct stat status {};
  if (geteuid() != 0 || ::stat(folder.c_str(), &status) != 0 || status.st_uid == 0) {
    return;
  }
  const passwd* owner = getpwuid(status.st_uid);
  const std::string name = owner != nullptr ? owner->pw_name : std::to_string(status.st_uid);
  throw Error(ErrorCode::kInvalidArgument,
              "the data folder " + folder.string() + " belongs to " + name +
                  ": run this as that user (sudo -u " + name + " necknode ...)");
}

// A mistyped folder must neither pass for a node that has received nothing nor be littered. A new
// node's folder is absent or empty, but for what a file system puts into its root.
void RequireDataFolder(const std::filesystem::path& folder, bool must_exist) {
  namespace fs = std::filesystem;
  RequireOwner(folder);
  std::error_code error;
  const bool has_database = fs::exists(folder / storage::kDatabaseFile, error);
  if (error) {
    throw Error(ErrorCode::kNotFound,
                "cannot look into the data folder " + folder.string() + ": " + error.message());
  }
  if (has_database) {
    return;
  }
  if (must_exist) {
    throw Error(ErrorCode::kNotFound, "there is no node's data in " + folder.string());
  }
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path name = entry->path().filename();
    if (name != "lost+found" && name != kServeLockName) {
      throw Error(ErrorCode::kInvalidArgument,
                  "the data folder " + folder.string() + " holds other files (" + name.string() +
                      ") and no node: give an empty one or one that does not exist yet");
    }
  }
}

constexpr double kMinQuietTimeS = 0.1, kMaxQuietTimeS = 86'400;  // as in the file

}  // namespace

void NodeOptions::AddDataTo(CLI::App& command) {
  command
      .add_option(
          "--config", config_file, "Configuration file (TOML); without one the defaults hold")
      ->check(CLI::ExistingFile);
  command.add_option("--data", data, "Folder of the node's data; serve makes it where absent")
      ->check(NotEmpty);
}

void NodeOptions::AddTo(CLI::App& command) {
  AddDataTo(command);
  command.add_option("--port", port, "DICOM port")->check(CLI::Range(1, 65535));
  command.add_option("--http-port", http_port, "Port of the administrator's page and API; 0: none")
      ->check(CLI::Range(0, 65535));
  command.add_option("--bind", bind, "Address to listen on")->check(NotEmpty);
  command.add_option("--ae", ae, "Own AE title, in place of the file's")->check(NotEmpty);
  command.add_option("--device", device, "auto | cpu | cuda:N")->check(NotEmpty);
  command
      .add_option(
          "--quiet-time", quiet_time_s, "Seconds without an image after which a study is complete")
      ->check(CLI::Range(kMinQuietTimeS, kMaxQuietTimeS))
      ->check(IsFinite);
}

std::string NodeOptions::ConfigText() const {
  return config_file.empty() ? "" : config::ReadConfigFile(config_file);
}

std::filesystem::path NodeOptions::DataFolder(const std::string& config_text) const {
  return data.empty() ? config::ParseConfig(config_text).config.data : std::filesystem::path(data);
}

config::Config NodeOptions::Load() const {
  const std::string text = ConfigText();
  const storage::VersionedFile file(DataFolder(text), admin::kPeersFileName);
  config::Loaded loaded = LoadedWith(text, file);
  if (!loaded.problems.empty()) {
    const bool of_seed = !config::ParseConfig(text).problems.empty();
    PrintProblems(of_seed ? config_file : file.path().string(), loaded.problems);
    throw ExitWith{2};
  }
  Override(loaded.config);
  return loaded.config;
}

void NodeOptions::Override(config::Config& config) const {
  if (!data.empty()) {
    config.data = data;
  }
  if (port != 0) {
    config.port = port;
  }
  if (http_port) {
    config.http.port = *http_port;
  }
  if (!bind.empty()) {
    config.bind = bind;
  }
  if (!device.empty()) {
    const std::string problem = config::DeviceProblem(device);
    if (!problem.empty()) {
      throw Error(ErrorCode::kInvalidArgument, "--device: " + problem);
    }
    config.device = device;
  }
  if (quiet_time_s > 0) {
    config.quiet_time = std::chrono::milliseconds(static_cast<std::int64_t>(quiet_time_s * 1000));
  }
  if (!ae.empty()) {
    const std::string problem = config::AeTitleProblem(ae);
    if (!problem.empty()) {
      throw Error(ErrorCode::kInvalidArgument, "--ae: " + problem);
    }
    config.ae = {{ae, ""}};
  }
  if (config.peers.empty() && !config.bind.empty() && config.bind.rfind("127.", 0) != 0) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "--bind " + config.bind + ": beyond loopback at least one [[peer]] must be configured");
  }
}

std::vector<std::string> NodeOptions::AsArguments() const {
  std::vector<std::string> arguments;
  const auto add = [&](const char* flag, const std::string& value) {
    if (value.empty()) {
      return;
    }
    arguments.emplace_back(flag);
    arguments.push_back(value);
  };
  add("--config", config_file);
  add("--data", data);
  add("--port", port == 0 ? "" : std::to_string(port));
  add("--http-port", http_port ? std::to_string(*http_port) : "");
  add("--bind", bind);
  add("--ae", ae);
  add("--device", device);
  add("--quiet-time", quiet_time_s > 0 ? std::to_string(quiet_time_s) : "");
  return arguments;
}

void PrintProblems(const std::string& file, const std::vector<config::Problem>& problems) {
  for (const config::Problem& problem : problems) {
    const std::string where = problem.line > 0 ? file + ":" + std::to_string(problem.line) : file;
    const std::string key = problem.key_path.empty() ? "" : problem.key_path + ": ";
    std::fprintf(stderr, "%s: %s%s\n", where.c_str(), key.c_str(), problem.message.c_str());
  }
  std::fprintf(stderr, "%zu problem%s\n", problems.size(), problems.size() == 1 ? "" : "s");
}

LogLevel LogLevelOf(const std::string& name) {
  if (name == "debug") {
    return LogLevel::kDebug;
  }
  if (name == "warning") {
    return LogLevel::kWarning;
  }
  if (name == "error") {
    return LogLevel::kError;
  }
  return LogLevel::kInfo;
}

std::unique_ptr<storage::Store> OpenStore(const config::Config& config, bool must_exist) {
  RequireDataFolder(config.data, must_exist);
  umask(kOthersMayNothing);
  storage::StoreOptions options;
  options.folder = config.data;
  options.reserve_bytes = config.reserve_bytes;
  return storage::Store::Open(options, SystemClock());
}

}  // namespace necknode::app
