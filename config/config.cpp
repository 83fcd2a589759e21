#include "config/config.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "config/parsed.h"
#include "core/error.h"

namespace necknode::config {
namespace {

constexpr std::array kTableKeys = {"ae", "peer", "route"};

}  // namespace

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

Tables Config::GetTables() const { return {ae, peers, routes}; }

void Config::SetTables(Tables tables) {
  ae = std::move(tables.ae);
  peers = std::move(tables.peers);
  routes = std::move(tables.routes);
}

std::string ShadowName(const std::string& route) { return route + " shadow"; }

std::vector<Route> WithShadows(const std::vector<Route>& routes) {
  std::vector<Route> all = routes;
  for (const Route& route : routes) {
    if (route.shadow.empty()) {
      continue;
    }
    Route& shadow = all.emplace_back(route);
    shadow.name = ShadowName(route.name);
    shadow.package = route.shadow;
    shadow.shadow.clear();
    shadow.outputs.clear();
    shadow.is_shadow = true;
  }
  return all;
}

namespace {

bool IsOfTables(const std::string& key_path) {
  return std::any_of(kTableKeys.begin(), kTableKeys.end(), [&](const char* key) {
    const std::string name = key;
    return key_path == name || key_path.starts_with(name + "[");
  });
}

Loaded Finished(Parsed parsed) {
  Validate(parsed);
  std::stable_sort(parsed.problems.begin(),
                   parsed.problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  return {std::move(parsed.config), std::move(parsed.problems), std::move(parsed.lines)};
}

}  // namespace

Loaded ParseConfig(const std::string& text) { return Finished(ReadToml(text)); }

Loaded ParseConfig(const std::string& text, Tables tables) {
  Parsed parsed = ReadToml(text);
  parsed.config.SetTables(std::move(tables));
  std::erase_if(parsed.lines,
                [](const auto& entry) { return entry.first.empty() || IsOfTables(entry.first); });
  return Finished(std::move(parsed));
}

Loaded LoadConfig(const std::filesystem::path& file) { return ParseConfig(ReadConfigFile(file)); }

std::string ReadConfigFile(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream && stream.peek() != std::ifstream::traits_type::eof()) {
    text << stream.rdbuf();
  }
  if (!std::filesystem::is_regular_file(file) || stream.bad() || (!stream.is_open())) {
    throw Error(ErrorCode::kNotFound, "cannot read the configuration file " + file.string());
  }
  return text.str();
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
