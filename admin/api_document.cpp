#include "admin/api_document.h"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "admin/web_files.h"

namespace necknode::admin {
namespace {

std::set<std::string> Documented() {
  std::set<std::string> names;
  const auto file = std::ranges::find(WebFiles(), std::string_view("openapi.json"), &WebFile::path);
  const auto document = nlohmann::json::parse(file->content);
  for (const auto& [path, item] : document.at("paths").items()) {
    for (const auto& [method, operation] : item.items()) {
      std::string upper = method;
      std::ranges::transform(
          upper, upper.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
      names.insert(upper.append(" ").append(path));
    }
  }
  return names;
}

// OpenAPI has no parameter of several parts.
std::string WithoutDots(std::string pattern) {
  if (pattern.ends_with("...}")) {
    pattern.replace(pattern.size() - 4, 4, "}");
  }
  return pattern;
}

}  // namespace

std::vector<std::string> DocumentDifferences(const Router& router) {
  std::set<std::string> documented = Documented();
  std::vector<std::string> differences;
  for (const RouteName& route : router.Patterns()) {
    const std::string name = route.method + " " + WithoutDots(route.pattern);
    if (documented.erase(name) == 0) {
      differences.push_back("undocumented: " + name);
    }
  }
  for (const std::string& name : documented) {
    differences.push_back("missing: " + name);
  }
  return differences;
}

}  // namespace necknode::admin
