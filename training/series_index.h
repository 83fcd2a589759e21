#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/instance_header.h"
#include "training/data_problems.h"

namespace necknode::training {

/// A classic CT series as its files' headers tell of it.
struct IndexedSeries {
  struct File {
    std::filesystem::path path;
    InstanceHeader header;
  };
  std::string name;         ///< folder of its first file, relative; "." is the data's folder itself
  PatientText patient_id;   ///< without padding; empty where the files have none
  std::vector<File> files;  ///< by path; SOP Instance UIDs are unique in the whole index
};

/// Every classic CT series in `folder` and below, by the path of its first file. To `problems` go
/// files that are no DICOM (JSON is passed over), damaged, another kind of DICOM, or a second file
/// of the same SOP Instance UID, and series whose files name different patients. Throws
/// Error(kNotFound) where the folder cannot be read.
[[nodiscard]] std::vector<IndexedSeries> IndexSeries(const std::filesystem::path& folder,
                                                     DataProblems& problems);

}  // namespace necknode::training
