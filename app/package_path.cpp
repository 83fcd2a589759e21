#include "app/package_path.h"

#include <cstdlib>

#include "core/error.h"

namespace necknode::app {
namespace fs = std::filesystem;

fs::path PackageRoot(const fs::path& configured) {
  if (!configured.empty()) {
    if (!fs::is_directory(configured)) {
      throw Error(ErrorCode::kNotFound,
                  "the folder of model packages " + configured.string() + " does not exist");
    }
    return configured;
  }
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const char* environment = std::getenv("NECKNODE_PACKAGES");
  for (const fs::path& candidate : {fs::path(environment != nullptr ? environment : ""),
                                    program.parent_path() / "../share/necknode/packages",
                                    fs::path(NECKNODE_SOURCE_PACKAGES)}) {
    if (!candidate.empty() && fs::is_directory(candidate, ignored)) {
      return fs::weakly_canonical(candidate);
    }
  }
  throw Error(ErrorCode::kNotFound,
              "no folder of model packages found: set [node] packages or NECKNODE_PACKAGES");
}

fs::path FindPackage(const std::string& name_version, const fs::path& root) {
  if (fs::exists(fs::path(name_version) / "package.json")) {
    return name_version;
  }
  if (fs::exists(root / name_version / "package.json")) {
    return root / name_version;
  }
  throw Error(ErrorCode::kNotFound, "no model package " + name_version + " under " + root.string());
}

}  // namespace necknode::app
