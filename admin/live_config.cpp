#include "admin/live_config.h"

#include <algorithm>
#include <set>

#include "admin/config_differences.h"
#include "config/text_diff.h"
#include "config/write_toml.h"
#include "core/error.h"

namespace necknode::admin {
namespace {

constexpr std::size_t kMostCommentBytes = 200;

/// At most `bytes` of a UTF-8 text, no character cut.
std::string Utf8Prefix(const std::string& text, std::size_t bytes) {
  std::size_t end = std::min(bytes, text.size());
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end);
}
constexpr std::size_t kShownDigits = 16;

/// The newest version that is intact.
std::optional<TablesInForce> NewestVersion(const storage::VersionedFile& file) {
  const std::vector<int> versions = file.Versions();
  for (auto number = versions.rbegin(); number != versions.rend(); ++number) {
    const auto text = file.ReadVersion(*number);
    if (!text) {
      continue;
    }
    config::ReadPeersFile read = config::ParsePeersFile(*text);
    if (read.intact && read.problems.empty()) {
      return TablesInForce{std::move(read), *text, true};
    }
  }
  return std::nullopt;
}

std::string DiffOf(const std::string& before, const std::string& after) {
  return config::UnifiedDiff(before, after, "before", "after");
}

}  // namespace

std::optional<TablesInForce> ReadTablesInForce(const storage::VersionedFile& file) {
  for (auto text = file.Read(); text;) {
    config::ReadPeersFile read = config::ParsePeersFile(*text);
    const std::vector<int> versions = file.Versions();
    // Somebody may also have put an earlier version in its place.
    if (read.intact && read.problems.empty() &&
        (versions.empty() || versions.back() <= read.file.generation)) {
      return TablesInForce{std::move(read), *text, false};
    }
    auto now = file.Read();
    if (now != text) {
      text = std::move(now);  // replaced meanwhile
      continue;
    }
    if (auto version = NewestVersion(file)) {
      return version;
    }
    throw Error(ErrorCode::kConfig,
                file.path().string() +
                    " is not as the program wrote it, and no earlier version is left: remove it, "
                    "and the tables of the configuration file hold again");
  }
  return std::nullopt;
}

LiveConfig::LiveConfig(std::string base,
                       const std::filesystem::path& data,
                       storage::Store& store,
                       const Clock& clock,
                       storage::FileSystem& files)
    : base_(std::move(base)),
      readonly_(config::ParseConfig(base_).config.admin_readonly),
      file_(data, kPeersFileName, files),
      store_(store),
      clock_(clock) {}

config::Tables LiveConfig::Current(const std::optional<TablesInForce>& in_force) const {
  return in_force ? in_force->read.file.tables : config::ParseConfig(base_).config.GetTables();
}

LiveConfig::State LiveConfig::Now() const {
  State state;
  state.readonly = readonly_;
  const auto in_force = readonly_ ? std::nullopt : ReadTablesInForce(file_);
  state.config = config::ParseConfig(base_, Current(in_force)).config;
  if (in_force) {
    state.generation = in_force->read.file.generation;
    state.edited = in_force->edited;
    state.differences = DifferencesFromSeed(base_, in_force->read.file.tables);
  }
  state.digest = config::DigestOf(state.config.GetTables());
  return state;
}

std::int64_t LiveConfig::Mark() const {
  const auto mark = file_.Mark();
  return mark ? mark->changed_ns : 0;
}

void LiveConfig::RequireWritable() const {
  if (readonly_) {
    throw Error(ErrorCode::kUnsupported,
                "readonly = true in [admin]: AE titles, peers and routes are changed in the "
                "configuration file, and the node is started again");
  }
}

std::string LiveConfig::EditByHand() const {
  const auto in_force = readonly_ ? std::nullopt : ReadTablesInForce(file_);
  if (!in_force || !in_force->edited) {
    return "";
  }
  const auto problems = ReadByHand().problems;
  return problems.empty() ? "peers.toml was edited by hand and is not taken over: reload it, or "
                            "restore a version"
                          : "peers.toml was edited by hand and cannot be taken over: mend it, or "
                            "restore a version (" +
                                problems.front().message + ")";
}

config::ReadPeersFile LiveConfig::ReadByHand() const {
  config::ReadPeersFile read = config::ParsePeersFile(file_.Read().value_or(""));
  for (config::Problem& problem : read.problems) {
    const std::string line = problem.line > 0 ? " line " + std::to_string(problem.line) : "";
    problem.message = "peers.toml" + line + ": " + problem.message;
  }
  return read;
}

std::vector<config::Problem> LiveConfig::Begin(const std::string& user) {
  if (readonly_) {
    return {};
  }
  const storage::VersionedFile::Lock lock(file_);
  const auto in_force = ReadTablesInForce(file_);
  if (!in_force) {
    Write(in_force, user, "copied from the configuration file", Current(in_force), {});
    return {};
  }
  if (!in_force->edited) {
    return {};
  }
  const auto read = config::ParsePeersFile(file_.Read().value_or(""));
  if (!read.problems.empty()) {
    return read.problems;
  }
  ConfigChange change = Judge(in_force->read.file.tables, read.file.tables);
  return Write(in_force, user, "edited by hand", read.file.tables, std::move(change)).problems;
}

ConfigChange LiveConfig::Check(const Edit& edit) const {
  const auto in_force = readonly_ ? std::nullopt : ReadTablesInForce(file_);
  const config::Tables before = Current(in_force);
  config::Tables after = before;
  std::vector<config::Problem> problems = edit(after);
  ConfigChange change = Judge(before, after, RenamedPeer(before, after));
  change.generation = in_force ? in_force->read.file.generation : 0;
  if (!problems.empty()) {
    change.problems = std::move(problems);
  }
  return change;
}

ConfigChange LiveConfig::Change(const std::string& user,
                                const std::string& comment,
                                const Edit& edit) {
  RequireWritable();
  const storage::VersionedFile::Lock lock(file_);
  auto in_force = ReadTablesInForce(file_);
  if (in_force && in_force->edited) {
    throw Error(ErrorCode::kConflict,
                "peers.toml was edited by hand: first take that over (necknode config reload) or "
                "bring a version back (necknode config restore)");
  }
  const config::Tables before = Current(in_force);
  config::Tables after = before;
  if (std::vector<config::Problem> problems = edit(after); !problems.empty()) {
    return {std::move(problems), {}, "", in_force ? in_force->read.file.generation : 0};
  }
  const auto renamed = RenamedPeer(before, after);
  ConfigChange change = Judge(before, after, renamed);
  if (change.problems.empty() && !in_force) {
    Write(in_force, user, "copied from the configuration file", before, {});
    in_force = ReadTablesInForce(file_);
  }
  change = Write(in_force, user, comment, after, std::move(change));
  if (renamed && change.problems.empty()) {
    try {
      store_.RenamePeer(renamed->from, renamed->to);
    } catch (const Error& error) {
      change.warnings.push_back({"name",
                                 "what waits for " + renamed->from + " still goes by that name (" +
                                     error.what() + "): rename the peer back, and once more"});
    }
  }
  return change;
}

ConfigChange LiveConfig::Reload(const std::string& user) {
  RequireWritable();
  const storage::VersionedFile::Lock lock(file_);
  const auto in_force = ReadTablesInForce(file_);
  if (!in_force) {
    return Write(in_force, user, "copied from the configuration file", Current(in_force), {});
  }
  if (!in_force->edited) {
    file_.Touch();
    return {{}, {}, "", in_force->read.file.generation};
  }
  const auto read = ReadByHand();
  if (!read.problems.empty()) {
    return {read.problems, {}, "", in_force->read.file.generation};
  }
  ConfigChange change = Judge(in_force->read.file.tables, read.file.tables);
  return Write(in_force, user, "edited by hand", read.file.tables, std::move(change));
}

ConfigChange LiveConfig::Restore(int generation, const std::string& user) {
  RequireWritable();
  const storage::VersionedFile::Lock lock(file_);
  const auto in_force = ReadTablesInForce(file_);
  const auto text = file_.ReadVersion(generation);
  if (!text || !in_force || generation > in_force->read.file.generation) {
    throw Error(ErrorCode::kNotFound,
                "there is no version " + std::to_string(generation) + " of peers.toml");
  }
  const auto read = config::ParsePeersFile(*text);
  if (!read.problems.empty()) {
    return {read.problems, {}, "", in_force->read.file.generation};
  }
  ConfigChange change = Judge(in_force->read.file.tables, read.file.tables);
  std::string comment = "version " + std::to_string(generation) + " restored";
  if (in_force->edited && change.problems.empty()) {
    comment += ", the edit by hand kept in " + file_.KeepAside("by-hand");
  }
  return Write(in_force, user, comment, read.file.tables, std::move(change));
}

std::optional<LiveConfig::PeerNames> LiveConfig::RenamedPeer(const config::Tables& before,
                                                             const config::Tables& after) {
  const auto has = [](const config::Tables& tables, const std::string& name) {
    return std::any_of(tables.peers.begin(), tables.peers.end(), [&](const config::Peer& peer) {
      return peer.name == name;
    });
  };
  if (before.peers.size() != after.peers.size()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < before.peers.size(); ++i) {
    const PeerNames names{before.peers[i].name, after.peers[i].name};
    if (names.from != names.to && !has(after, names.from) && !has(before, names.to)) {
      return names;
    }
  }
  return std::nullopt;
}

ConfigChange LiveConfig::Judge(const config::Tables& before,
                               config::Tables after,
                               const std::optional<PeerNames>& renamed) const {
  ConfigChange change;
  change.diff = DiffOf(config::ToToml(before), config::ToToml(after));
  config::Config old = config::ParseConfig(base_, before).config;
  config::Loaded loaded = config::ParseConfig(base_, std::move(after));
  change.problems = std::move(loaded.problems);
  // What listens beyond loopback goes on doing so until the node is started again.
  if (!old.peers.empty() && loaded.config.peers.empty() && !config::IsLoopback(old.BindAddress())) {
    change.problems.push_back({0,
                               "peer",
                               "the node listens on " + old.BindAddress() +
                                   ", beyond loopback: without any peer anyone could send"});
  }
  if (old.peers.empty() && !loaded.config.peers.empty() && old.bind.empty()) {
    change.warnings.push_back(
        {"", "the node listens on 127.0.0.1 until it is started again, then on every address"});
  }
  for (const config::Peer& peer : old.peers) {
    const bool gone =
        loaded.config.FindPeer(peer.name) == nullptr && !(renamed && renamed->from == peer.name);
    const auto waiting = gone ? store_.outbox().CountWaiting(peer.name) : 0;
    if (waiting > 0) {
      change.warnings.push_back({"name",
                                 std::to_string(waiting) + " results wait to be sent to " +
                                     peer.name + ": they will be parked"});
    }
  }
  if (!old.routes.empty() && loaded.config.routes.empty()) {
    change.warnings.push_back({"", "no route is left: studies are stored, but not analysed"});
  }
  AddPackageWarnings(loaded.config.routes, store_.Packages(), change.warnings);
  return change;
}

ConfigChange LiveConfig::Write(const std::optional<TablesInForce>& in_force,
                               const std::string& user,
                               const std::string& comment,
                               const config::Tables& tables,
                               ConfigChange change) {
  change.generation = in_force ? in_force->read.file.generation : 0;
  const bool differs = !in_force || in_force->edited || !change.diff.empty();
  if (!change.problems.empty() || !differs) {
    return change;
  }
  const std::vector<int> versions = file_.Versions();
  const int newest = versions.empty() ? 0 : versions.back();
  config::PeersFile next;
  next.generation = std::max(in_force ? in_force->read.file.generation : 0, newest) + 1;
  next.time = Iso8601(clock_.Now());
  next.user = user;
  next.comment = Utf8Prefix(comment, kMostCommentBytes);
  next.tables = tables;
  const std::string text = config::WritePeersFile(next);
  file_.Replace(next.generation, text, [&] {
    store_.Audit({"configuration",
                  "peers.toml",
                  in_force ? "changed" : "first",
                  "generation " + std::to_string(next.generation) + ", digest " +
                      config::DigestOf(tables).substr(0, kShownDigits) + ": " + next.comment,
                  {.user = user}});
  });
  change.generation = next.generation;
  return change;
}

std::vector<LiveConfig::Version> LiveConfig::Versions() const {
  std::vector<Version> versions;
  const auto in_force = readonly_ ? std::nullopt : ReadTablesInForce(file_);
  std::vector<int> numbers = file_.Versions();
  for (auto number = numbers.rbegin(); in_force && number != numbers.rend(); ++number) {
    const auto text = file_.ReadVersion(*number);
    if (!text || *number > in_force->read.file.generation) {
      continue;
    }
    const config::PeersFile file = config::ParsePeersFile(*text).file;
    versions.push_back({*number, file.time, file.user, file.comment});
  }
  return versions;
}

LiveConfig::VersionText LiveConfig::ReadVersion(int generation) const {
  const auto text = file_.ReadVersion(generation);
  const auto in_force = readonly_ ? std::nullopt : ReadTablesInForce(file_);
  if (!text || !in_force || generation > in_force->read.file.generation) {
    throw Error(ErrorCode::kNotFound,
                "there is no version " + std::to_string(generation) + " of peers.toml");
  }
  std::string before;
  for (const int number : file_.Versions()) {
    if (number < generation) {
      const auto earlier = file_.ReadVersion(number);
      before = earlier ? config::ToToml(config::ParsePeersFile(*earlier).file.tables) : "";
    }
  }
  return {*text, DiffOf(before, config::ToToml(config::ParsePeersFile(*text).file.tables))};
}

}  // namespace necknode::admin
