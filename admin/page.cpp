#include "admin/page.h"

#include <algorithm>
#include <array>
#include <utility>

#include "admin/problem.h"
#include "admin/web_files.h"

namespace necknode::admin {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kTypes = {{
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
}};

std::string_view TypeOf(std::string_view path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) {
      return type;
    }
  }
  return "application/octet-stream";
}

Response FileAt(const std::string& path) {
  const auto files = WebFiles();
  const auto found = std::ranges::find(files, path, &WebFile::path);
  if (found == files.end()) {
    return Problem(404, "there is nothing at this address");
  }
  // The address of a file stays the same when a newer program has another one.
  return {
      200, std::string(TypeOf(path)), {{"Cache-Control", "no-cache"}}, std::string(found->content)};
}

}  // namespace

void AddPage(Router& router) {
  const auto add = [&](const std::string& pattern, const std::string& file) {
    router.Add("GET", pattern, Role::kNone, [file](const Request&) { return FileAt(file); });
  };
  add("/", "index.html");
  add("/api/v1/openapi.json", "openapi.json");
  add("/openapi.json", "openapi.json");
  router.Add("GET", "/assets/{path...}", Role::kNone, [](const Request& request) {
    return FileAt(request.parameters.at("path"));
  });
}

}  // namespace necknode::admin
