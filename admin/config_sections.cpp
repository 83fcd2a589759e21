#include "admin/config_sections.h"

#include <utility>

#include "admin/config_json.h"
#include "config/peers_file.h"
#include "config/write_toml.h"
#include "core/error.h"

namespace necknode::admin {
namespace {

using nlohmann::json;

constexpr const char* kEtag = "etag";  // ours, comes back with an edited item

std::string NameOf(const config::OwnAe& ae) { return ae.title; }
std::string NameOf(const config::Peer& peer) { return peer.name; }
std::string NameOf(const config::Route& route) { return route.name; }

/// Calls `use` with the tables' list of this kind.
template <typename Tables, typename Use>
auto With(const std::string& kind, Tables& tables, Use use) {
  if (kind == "ae") {
    return use(tables.ae);
  }
  return kind == "peer" ? use(tables.peers) : use(tables.routes);
}

template <typename Item>
json WithEtag(const Item& item) {
  json value = ToJson(item);
  value[kEtag] = "\"" + config::DigestOf(item) + "\"";
  return value;
}

void Rename(config::Tables& tables,
            const std::string& kind,
            const std::string& from,
            const std::string& to) {
  for (config::Route& route : tables.routes) {
    if (kind == "ae" && route.called_ae == from) {
      route.called_ae = to;
    }
    for (config::Route::Output& output : route.outputs) {
      if (kind == "peer" && output.peer == from) {
        output.peer = to;
      }
    }
  }
}

}  // namespace

ConfigSection::ConfigSection(const std::string& name) : name_(name) {
  if (name == "ae") {
    kind_ = "ae";
  } else if (name == "peers") {
    kind_ = "peer";
  } else if (name == "routes") {
    kind_ = "route";
  } else {
    throw Error(ErrorCode::kNotFound, "\"" + name + "\" is none of: ae, peers, routes");
  }
}

json ConfigSection::List(const config::Tables& tables) const {
  return With(kind_, tables, [](const auto& items) {
    json list = json::array();
    for (const auto& item : items) {
      list.push_back(WithEtag(item));
    }
    return list;
  });
}

std::optional<std::size_t> ConfigSection::Find(const config::Tables& tables,
                                               const std::string& item) const {
  return With(kind_, tables, [&](const auto& items) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (NameOf(items[i]) == item) {
        return i;
      }
    }
    return std::nullopt;
  });
}

json ConfigSection::Item(const config::Tables& tables, std::size_t index) const {
  return With(kind_, tables, [&](const auto& items) { return WithEtag(items.at(index)); });
}

std::vector<config::Problem> ConfigSection::Put(config::Tables& tables,
                                                std::optional<std::size_t> index,
                                                const json& item) const {
  json keys = item;
  keys.erase(kEtag);
  config::ReadPeersFile read = config::ParsePeersFile(TomlOf(kind_, keys));
  std::string old_name, new_name;
  const std::size_t place = With(kind_, tables, [&](auto& items) {
    auto parsed = With(kind_, read.file.tables, [&](auto& fresh) {
      using Item = typename std::decay_t<decltype(items)>::value_type;
      if constexpr (std::is_same_v<typename std::decay_t<decltype(fresh)>::value_type, Item>) {
        return fresh.empty() ? Item{} : fresh.front();
      } else {
        return Item{};
      }
    });
    new_name = NameOf(parsed);
    const std::size_t at = index.value_or(items.size());
    if (index) {
      old_name = NameOf(items.at(at));
      items[at] = std::move(parsed);
    } else {
      items.push_back(std::move(parsed));
    }
    return at;
  });
  if (index && old_name != new_name) {
    Rename(tables, kind_, old_name, new_name);
  }
  const std::string here = kind_ + "[0]", there = kind_ + "[" + std::to_string(place) + "]";
  for (config::Problem& problem : read.problems) {
    problem.line = 0;
    problem.key_path =
        problem.key_path.starts_with(here) ? there + problem.key_path.substr(here.size()) : there;
  }
  return std::move(read.problems);
}

void ConfigSection::Remove(config::Tables& tables, std::size_t index) const {
  With(kind_, tables, [&](auto& items) {
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
    return 0;
  });
}

}  // namespace necknode::admin
