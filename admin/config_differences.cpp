#include "admin/config_differences.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "config/write_toml.h"

namespace necknode::admin {
namespace {

const std::string& NameOf(const config::OwnAe& ae) { return ae.title; }
const std::string& NameOf(const config::Peer& peer) { return peer.name; }
const std::string& NameOf(const config::Route& route) { return route.name; }

std::set<std::string> LinesOf(const std::string& text) {
  std::istringstream stream(text);
  std::set<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.insert(line);
  }
  return lines;
}

/// Keys whose lines are in one text only; of a route's outputs only that they differ.
std::string KeysThatDiffer(const std::string& a, const std::string& b) {
  const auto outputs_of = [](const std::string& text) {
    return std::min(text.find("[[route.output]]"), text.size());
  };
  const std::size_t end_a = outputs_of(a), end_b = outputs_of(b);
  const std::set<std::string> first = LinesOf(a.substr(0, end_a));
  const std::set<std::string> second = LinesOf(b.substr(0, end_b));
  std::set<std::string> keys;
  const auto note = [&](const std::set<std::string>& lines, const std::set<std::string>& others) {
    for (const std::string& line : lines) {
      if (const auto equals = line.find(" = ");
          equals != std::string::npos && !others.contains(line)) {
        keys.insert(line.substr(0, equals));
      }
    }
  };
  note(first, second);
  note(second, first);
  if (a.substr(end_a) != b.substr(end_b)) {
    keys.insert("outputs");
  }
  std::string text;
  for (const std::string& key : keys) {
    text += (text.empty() ? "" : ", ") + key;
  }
  return text;
}

template <typename Item>
void Compare(const char* kind,
             const std::vector<Item>& seed,
             const std::vector<Item>& in_force,
             std::vector<Warning>& differences) {
  const auto find = [](const std::vector<Item>& items, const std::string& name) {
    return std::find_if(
        items.begin(), items.end(), [&](const Item& item) { return NameOf(item) == name; });
  };
  for (const Item& item : seed) {
    const std::string key = std::string(kind) + " " + NameOf(item);
    const auto other = find(in_force, NameOf(item));
    if (other == in_force.end()) {
      differences.push_back({key, "is in the configuration file and not in peers.toml"});
    } else if (const std::string a = config::ToToml(item), b = config::ToToml(*other); a != b) {
      differences.push_back({key, "differs in " + KeysThatDiffer(a, b)});
    }
  }
  for (const Item& item : in_force) {
    if (find(seed, NameOf(item)) == seed.end()) {
      differences.push_back({std::string(kind) + " " + NameOf(item), "is in peers.toml only"});
    }
  }
}

}  // namespace

std::vector<Warning> DifferencesFromSeed(const std::string& base, const config::Tables& in_force) {
  const config::Loaded seed = config::ParseConfig(base);
  std::vector<Warning> differences;
  if (seed.lines.contains("ae")) {
    Compare("AE title", seed.config.ae, in_force.ae, differences);
  }
  if (seed.lines.contains("peer")) {
    Compare("peer", seed.config.peers, in_force.peers, differences);
  }
  if (seed.lines.contains("route")) {
    Compare("route", seed.config.routes, in_force.routes, differences);
  }
  return differences;
}

void AddPackageWarnings(const std::vector<config::Route>& routes,
                        const std::vector<storage::PackageRow>& packages,
                        std::vector<Warning>& warnings) {
  if (packages.empty()) {
    return;
  }
  const auto check = [&](const char* key, const config::Route& route, const std::string& name) {
    const auto found =
        std::find_if(packages.begin(), packages.end(), [&](const storage::PackageRow& row) {
          return row.package == name;
        });
    const std::string where = "route " + route.name + ": package " + name;
    if (found == packages.end()) {
      warnings.push_back({key, where + " was not installed when the worker looked last"});
    } else if (!found->usable) {
      warnings.push_back({key, where + " is not usable: " + found->reason});
    }
  };
  for (const config::Route& route : routes) {
    check("package", route, route.package);
    if (!route.shadow.empty()) {
      check("shadow", route, route.shadow);
    }
  }
}

}  // namespace necknode::admin
