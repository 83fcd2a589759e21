#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

namespace necknode::models {

/// Runs tests/models/oracle/`script` (Debian's torchvision in Debian's Python) with `request`,
/// which it reads as a JSON file in `folder`. Gives what it printed where it failed, else "".
inline std::string RunOracle(const std::string& script,
                             const nlohmann::json& request,
                             const std::filesystem::path& folder) {
  const auto path = folder / "request.json", log = folder / "oracle.log";
  std::ofstream(path) << request.dump();
  const std::string command = std::string("'") + NECKNODE_SOURCE_DIR + "/tests/models/oracle/" +
                              script + "' '" + path.string() + "' > '" + log.string() + "' 2>&1";
  const int status = std::system(command.c_str());
  std::ostringstream printed;
  printed << std::ifstream(log).rdbuf();
  return status == 0 ? ""
                     : script + " failed (tools/install-deps has what it needs):\n" + printed.str();
}

}  // namespace necknode::models
