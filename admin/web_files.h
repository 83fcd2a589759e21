#pragma once

#include <span>
#include <string_view>

namespace necknode::admin {

/// A file that was compiled into the program.
struct WebFile {
  std::string_view path;  ///< relative to admin/web, e.g. "index.html"; "openapi.json" beside it
  std::string_view content;
};

/// The page's files and the API's description, sorted by path; made by embed_files.cmake.
[[nodiscard]] std::span<const WebFile> WebFiles();

}  // namespace necknode::admin
