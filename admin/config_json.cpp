#include "admin/config_json.h"

#include <charconv>

#include "config/write_toml.h"
#include "core/error.h"

namespace necknode::admin {
namespace {

using nlohmann::json;

constexpr int kDeepest = 3;

std::string ValueOf(const json& value, int depth) {
  if (depth > kDeepest) {
    throw Error(ErrorCode::kInvalidArgument, "nested too deeply for a table of the configuration");
  }
  if (value.is_string()) {
    return config::Quoted(value.get_ref<const std::string&>());
  }
  if (value.is_number_float()) {
    return config::FloatText(value.get<double>());
  }
  if (value.is_array()) {
    std::string list;
    for (const json& item : value) {
      list += (list.empty() ? "" : ", ") + ValueOf(item, depth + 1);
    }
    return "[" + list + "]";
  }
  if (value.is_object()) {
    std::string table;
    for (const auto& [key, item] : value.items()) {
      if (!item.is_null()) {
        table +=
            (table.empty() ? "" : ", ") + config::Quoted(key) + " = " + ValueOf(item, depth + 1);
      }
    }
    return "{" + table + "}";
  }
  return value.dump();  // whole numbers, true, false; null within a list is no TOML
}

/// "peer[3].host" -> {"peer", 3, "host"}.
struct KeyPath {
  std::string kind;
  std::size_t index = 0;
  std::string key;
};
std::optional<KeyPath> Split(const std::string& path) {
  const auto open = path.find('['), close = path.find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) {
    return std::nullopt;
  }
  KeyPath split{path.substr(0, open), 0, path.substr(close + 1)};
  std::from_chars(path.data() + open + 1, path.data() + close, split.index);
  if (split.key.starts_with('.')) {
    split.key.erase(0, 1);
  }
  return split;
}

std::string NameOf(const KeyPath& path, const config::Tables& tables) {
  if (path.kind == "ae" && path.index < tables.ae.size()) {
    return "AE title " + tables.ae[path.index].title;
  }
  if (path.kind == "peer" && path.index < tables.peers.size()) {
    return "peer " + tables.peers[path.index].name;
  }
  if (path.kind == "route" && path.index < tables.routes.size()) {
    return "route " + tables.routes[path.index].name;
  }
  return path.kind;
}

}  // namespace

json ToJson(const config::OwnAe& ae) {
  return {{"title", ae.title}, {"description", ae.description}, {"tls", ae.tls}};
}

json ToJson(const config::Peer& peer) {
  return {{"name", peer.name},
          {"ae_title", peer.ae_title},
          {"host", peer.host},
          {"port", peer.port},
          {"url", peer.url},
          {"user", peer.user},
          {"password_file", peer.password_file.string()},
          {"token_file", peer.token_file.string()},
          {"tls", peer.tls},
          {"may_send", peer.may_send},
          {"case_insensitive", peer.case_insensitive},
          {"accept_non_clinical", peer.accept_non_clinical},
          {"storage_commitment", peer.storage_commitment},
          {"verify_count", peer.verify_count},
          {"sr_sop_class", peer.sr_sop_class}};
}

json ToJson(const config::Route& route) {
  json outputs = json::array();
  for (const config::Route::Output& output : route.outputs) {
    outputs.push_back(
        {{"peer", output.peer}, {"sr", output.sr}, {"gsps", output.gsps}, {"sc", output.sc}});
  }
  return {{"name", route.name},
          {"called_ae", route.called_ae},
          {"calling_ae", route.calling_ae},
          {"package", route.package},
          {"shadow", route.shadow},
          {"intended_use", route.intended_use},
          {"on_not_eligible", route.on_not_eligible},
          {"levels", route.levels},
          {"compare_prior", route.compare_prior},
          {"series",
           {{"min_slices", route.min_slices},
            {"max_slices", route.max_slices},
            {"min_slice_thickness_mm", route.min_slice_thickness_mm},
            {"max_slice_thickness_mm", route.max_slice_thickness_mm},
            {"body_parts", route.body_parts},
            {"include_description", route.include_description},
            {"exclude_description", route.exclude_description},
            {"preferred_kernels", route.preferred_kernels},
            {"contrast", route.contrast}}},
          {"output", outputs}};
}

std::string TomlOf(const std::string& kind, const json& item) {
  std::string text = "[[" + kind + "]]\n";
  for (const auto& [key, value] : item.items()) {
    if (!value.is_null()) {
      text += config::Quoted(key) + " = " + ValueOf(value, 1) + "\n";
    }
  }
  return text;
}

json ProblemsAsJson(const std::vector<config::Problem>& problems,
                    const config::Tables& tables,
                    const std::string& kind,
                    std::optional<std::size_t> index) {
  json list = json::array();
  for (const config::Problem& problem : problems) {
    const auto path = Split(problem.key_path);
    if (path && index && path->kind == kind && path->index == *index) {
      list.push_back({{"key", path->key}, {"message", problem.message}});
      continue;
    }
    std::string where = problem.key_path;
    if (path) {
      where = NameOf(*path, tables) + (path->key.empty() ? "" : ", " + path->key);
    }
    list.push_back({{"key", ""},
                    {"message", where.empty() ? problem.message : where + ": " + problem.message}});
  }
  return list;
}

json WarningsAsJson(const std::vector<Warning>& warnings) {
  json list = json::array();
  for (const Warning& warning : warnings) {
    list.push_back({{"key", warning.key}, {"text", warning.text}});
  }
  return list;
}

}  // namespace necknode::admin
