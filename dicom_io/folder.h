#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/instance_header.h"

namespace necknode::dicom_io {

/// What a folder holds, as the scanner sees it.
struct DicomFolder {
  struct File {
    std::filesystem::path path;
    InstanceHeader header;
  };
  struct Unreadable {
    std::filesystem::path path;
    std::string reason;
  };
  std::vector<File> files;             ///< in the order of their paths
  std::vector<Unreadable> unreadable;  ///< no DICOM files, or damaged ones
};

/// Scans every regular file in `folder` and the folders below it; links to folders are not
/// followed. A DICOMDIR is passed over. Throws Error(kNotFound) where `folder` is no readable
/// folder.
[[nodiscard]] DicomFolder ListDicomFiles(const std::filesystem::path& folder);

}  // namespace necknode::dicom_io
