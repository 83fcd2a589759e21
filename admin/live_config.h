#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/peers_file.h"
#include "core/clock.h"
#include "storage/store.h"
#include "storage/versioned_file.h"

namespace necknode::admin {

/// Name of the file in the data folder, without extension.
inline constexpr const char* kPeersFileName = "peers";

/// The tables that peers.toml puts in force.
struct TablesInForce {
  config::ReadPeersFile read;
  std::string text;
  /// peers.toml was edited by hand since: the tables are those of the newest version that fits it.
  bool edited = false;
};

/// What is in force in a data folder; nullopt where there is no peers.toml. Throws Error(kConfig)
/// where it was edited by hand and no version is left.
[[nodiscard]] std::optional<TablesInForce> ReadTablesInForce(const storage::VersionedFile& file);

/// One thing that an edit makes worth saying, though it may be done.
struct Warning {
  std::string key;
  std::string text;
};

/// What an edit did, or would do.
struct ConfigChange {
  std::vector<config::Problem> problems;  ///< not empty: nothing was changed
  std::vector<Warning> warnings;
  std::string diff;    ///< unified, of the tables; empty: they are as before
  int generation = 0;  ///< in force from now on
};

/// AE titles, peers and routes of a node, edited while it runs: the one way that page and command
/// line share. Each change is checked against the whole configuration, has its audit row before it
/// comes into force, and makes a new generation of peers.toml. Thread safe, and safe beside other
/// processes.
class LiveConfig {
 public:
  /// Changes the tables. What it throws leaves everything as it was.
  using Edit = std::function<std::vector<config::Problem>(config::Tables&)>;

  /// `base`: text of necknode.toml. `store` and `clock` must outlive it.
  LiveConfig(std::string base,
             const std::filesystem::path& data,
             storage::Store& store,
             const Clock& clock,
             storage::FileSystem& files = storage::SystemFiles());

  struct State {
    int generation = 0;  ///< 0: there is no peers.toml
    std::string digest;
    bool readonly = false;
    bool edited = false;  ///< by hand, and not taken over yet
    config::Config config;
    std::vector<Warning> differences;  ///< of the seed in necknode.toml from peers.toml
  };
  [[nodiscard]] State Now() const;

  /// What is to be done about a peers.toml that a hand has edited and nobody has taken over; empty:
  /// nothing.
  [[nodiscard]] std::string EditByHand() const;

  /// Another number whenever peers.toml is another; cheap.
  [[nodiscard]] std::int64_t Mark() const;

  /// Makes peers.toml of the seed where there is none and it is wanted; takes over what a hand has
  /// edited meanwhile. To be called when the node starts. Returns what is wrong with such an edit,
  /// which then stays out of force.
  std::vector<config::Problem> Begin(const std::string& user);
  /// What `edit` would do.
  [[nodiscard]] ConfigChange Check(const Edit& edit) const;
  /// Throws Error(kUnsupported) where the configuration is read-only, Error(kConflict) where
  /// peers.toml was edited by hand and not taken over.
  /// What waits for a peer that gets another name goes along.
  ConfigChange Change(const std::string& user, const std::string& comment, const Edit& edit);
  /// Takes over what a hand has edited; otherwise has all roles look again, also for packages.
  ConfigChange Reload(const std::string& user);
  /// Throws Error(kNotFound) where the version is not kept.
  ConfigChange Restore(int generation, const std::string& user);

  struct Version {
    int generation = 0;
    std::string time, user, comment;
  };
  /// Newest first, the one in force included.
  [[nodiscard]] std::vector<Version> Versions() const;
  struct VersionText {
    std::string text, diff;  ///< against the version before
  };
  [[nodiscard]] VersionText ReadVersion(int generation) const;

 private:
  [[nodiscard]] config::Tables Current(const std::optional<TablesInForce>& in_force) const;
  void RequireWritable() const;
  /// peers.toml as it is now, with its name and line before each problem.
  [[nodiscard]] config::ReadPeersFile ReadByHand() const;
  struct PeerNames {
    std::string from, to;
  };
  /// The peer that an edit of one item gave another name.
  [[nodiscard]] static std::optional<PeerNames> RenamedPeer(const config::Tables& before,
                                                            const config::Tables& after);
  /// `renamed`: what waits for that peer goes along.
  [[nodiscard]] ConfigChange Judge(const config::Tables& before,
                                   config::Tables after,
                                   const std::optional<PeerNames>& renamed = {}) const;
  ConfigChange Write(const std::optional<TablesInForce>& in_force,
                     const std::string& user,
                     const std::string& comment,
                     const config::Tables& tables,
                     ConfigChange change);

  const std::string base_;
  const bool readonly_;
  const storage::VersionedFile file_;
  storage::Store& store_;
  const Clock& clock_;
};

}  // namespace necknode::admin
