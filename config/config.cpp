#include "config/config.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "config/parsed.h"
#include "core/error.h"

namespace necknode::config {

const Peer* Config::FindPeer(const std::string& name) const {
  const auto found =
      std::find_if(peers.begin(), peers.end(), [&](const Peer& peer) { return peer.name == name; });
  return found == peers.end() ? nullptr : &*found;
}

std::string Config::BindAddress() const {
  if (!bind.empty()) {
    return bind;
  }
  return peers.empty() ? "127.0.0.1" : "0.0.0.0";
}

bool Config::AsksArchives() const {
  return !priors.peer.empty() || std::any_of(peers.begin(), peers.end(), [](const Peer& peer) {
    return peer.verify_count;
  });
}

Loaded ParseConfig(const std::string& text) {
  Parsed parsed = ReadToml(text);
  Validate(parsed);
  std::stable_sort(parsed.problems.begin(),
                   parsed.problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  return {std::move(parsed.config), std::move(parsed.problems), std::move(parsed.lines)};
}

Loaded LoadConfig(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream && stream.peek() != std::ifstream::traits_type::eof()) {
    text << stream.rdbuf();
  }
  if (!std::filesystem::is_regular_file(file) || stream.bad() || (!stream.is_open())) {
    throw Error(ErrorCode::kNotFound, "cannot read the configuration file " + file.string());
  }
  return ParseConfig(text.str());
}

std::string AeTitleProblem(const std::string& title) {
  const auto first = title.find_first_not_of(' ');
  if (first == std::string::npos) {
    return "an AE title must not be blank";
  }
  if (title.size() > 16) {
    return "an AE title has at most 16 characters, this has " + std::to_string(title.size());
  }
  if (title.front() == ' ' || title.back() == ' ') {
    return "spaces at the ends of an AE title mean nothing: leave them out";
  }
  for (const char c : title) {
    if (c < 0x20 || c > 0x7E) {
      return "an AE title may hold only printable ASCII characters";
    }
    if (c == '\\') {
      return "an AE title may not hold a backslash";
    }
  }
  return "";
}

}  // namespace necknode::config
