#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace necknode::tests {

/// Folder of real, openly licensed DICOM files that lies beside the checkout (`../shared/data`), or
/// in NECKNODE_DATA. Tests that need it skip with a message where it is absent:
///   const auto folder = SharedData("charsets"); if (folder.empty()) GTEST_SKIP() << kNoSharedData;
inline constexpr const char* kNoSharedData =
    "the folder of real DICOM files is absent (see docs/testing.md)";

inline std::filesystem::path SharedData(const std::string& name) {
  const char* given = std::getenv("NECKNODE_DATA");
  const std::filesystem::path root =
      given != nullptr ? std::filesystem::path(given)
                       : std::filesystem::path(NECKNODE_SOURCE_DIR) / "../shared/data";
  const auto folder = root / name;
  return std::filesystem::exists(folder) ? folder : std::filesystem::path();
}

}  // namespace necknode::tests
