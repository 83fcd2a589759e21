#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "phantom/phantom.h"

namespace necknode::phantom {

/// Identity of the study that a phantom is written as. UIDs derive from the seed and `study_key`.
struct SeriesIdentity {
  std::string patient_name = "Phantom^Neck";
  std::string patient_id;  ///< empty: "PHANTOM-<seed>"
  std::string study_key;   ///< another key gives another study of the same phantom
};

/// Writes one CT Image Storage file per slice (`IM0001.dcm`, explicit little endian) and
/// `truth.json` into `folder`, which is made. Manufacturer `necknode phantom`, so that it is never
/// taken for a real examination nor for our own output. Returns the files. Throws
/// Error(kInvalidArgument) where name or id cannot be a DICOM value (PS3.5 section 6.2: no
/// backslash, no control character, at most 64 characters), Error(kStorageFailed | kNoSpace).
std::vector<std::filesystem::path> WriteDicomSeries(const Phantom& phantom,
                                                    const SeriesIdentity& identity,
                                                    const std::filesystem::path& folder);

}  // namespace necknode::phantom
