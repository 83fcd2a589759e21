#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config.h"

namespace necknode::config {

/// A configuration as written, with the line of each key, before the checks that look at more than
/// one key.
struct Parsed {
  Config config;
  std::map<std::string, int> lines;  ///< key path -> 1-based line
  std::vector<Problem> problems;

  /// Adds a problem at the line of `key_path`, or of the nearest table that encloses it.
  void AddProblem(const std::string& key_path, const std::string& message);
};

/// Adds what is wrong with the keys of `peer`, at `path`, that concern its web service.
void CheckWebPeer(Parsed& parsed, const std::string& path, const Peer& peer);

class TableReader;

/// Reads the table [notices].
void ReadNotices(TableReader& table, Notices& notices);
/// Adds what is wrong with [notices].
void CheckNotices(Parsed& parsed);

/// Whether `url`, of a form that UrlProblem finds no fault with, leads to this machine.
[[nodiscard]] bool IsLoopbackUrl(const std::string& url);

/// Adds what is wrong with [http]. Whether there is a user for it, only the node's data tell.
void CheckHttp(Parsed& parsed);

/// Whether it is an IPv4 or IPv6 address.
[[nodiscard]] bool IsAddress(const std::string& text);

/// Reads TOML text: types, ranges, unknown keys.
[[nodiscard]] Parsed ReadToml(const std::string& text);
/// The same of a text that may hold the tables of AE titles, peers and routes only; none
/// of a kind means none, there are no defaults.
[[nodiscard]] Parsed ReadTablesToml(const std::string& text);
/// Adds the problems of what only shows when keys are seen together: references, duplicates,
/// safety.
void Validate(Parsed& parsed);

}  // namespace necknode::config
