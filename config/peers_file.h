#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace necknode::config {

/// What peers.toml holds: the tables that may be edited while the node runs, and in its header
/// which generation they are and who made it.
struct PeersFile {
  int generation = 0;  ///< counts up from 1
  std::string time;    ///< ISO 8601, UTC
  std::string user, comment;
  Tables tables;
};

/// The text of the file, with a digest of all the rest in its header.
[[nodiscard]] std::string WritePeersFile(const PeersFile& file);

struct ReadPeersFile {
  PeersFile file;                 ///< header values that are not to be had are 0 or empty
  bool intact = false;            ///< its digest fits: no hand has edited it
  std::string digest;             ///< of the text as it is
  std::vector<Problem> problems;  ///< of form only; references are for ParseConfig to check
};

/// Reads a text as WritePeersFile makes it, or as a person has left it.
[[nodiscard]] ReadPeersFile ParsePeersFile(const std::string& text);

}  // namespace necknode::config
