#pragma once

#include <filesystem>
#include <string>

namespace necknode::app {

/// The folder that holds model packages as <name>/<version>/: `configured` where given, else the
/// first that exists of NECKNODE_PACKAGES, ../share/necknode/packages beside the program, and the
/// source tree that it was built from. Throws Error(kNotFound) where there is none.
[[nodiscard]] std::filesystem::path PackageRoot(const std::filesystem::path& configured);

/// The folder of one package: a path to a folder with package.json is taken as it is, else
/// "<name>/<version>" under `root`. Throws Error(kNotFound).
[[nodiscard]] std::filesystem::path FindPackage(const std::string& name_version,
                                                const std::filesystem::path& root);

}  // namespace necknode::app
