#include "dicom_io/folder.h"

#include <algorithm>
#include <system_error>

#include "core/error.h"
#include "dicom_io/scanner.h"

namespace necknode::dicom_io {

namespace fs = std::filesystem;

DicomFolder ListDicomFiles(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code unknown;
    if (entry->is_regular_file(unknown) && entry->path().filename() != "DICOMDIR") {
      paths.push_back(entry->path());
    }
  }
  if (error) {
    throw Error(ErrorCode::kNotFound,
                "cannot read the folder " + folder.string() + ": " + error.message());
  }
  std::sort(paths.begin(), paths.end());
  DicomFolder found;
  for (const auto& path : paths) {
    try {
      found.files.push_back({path, ScanFile(path)});
    } catch (const Error& failure) {
      found.unreadable.push_back({path, failure.what()});
    }
  }
  return found;
}

}  // namespace necknode::dicom_io
