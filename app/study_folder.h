#pragma once

#include <filesystem>
#include <vector>

#include "core/uid.h"
#include "dicom_io/folder.h"
#include "dicom_io/volume_reader.h"

namespace necknode::app {

/// The DICOM files of one study in a folder.
struct StudyFiles {
  Uid study_instance_uid;
  std::vector<dicom_io::DicomFolder::File> files;
};

/// The studies in a folder and its sub-folders; what cannot be read is named on standard error.
/// Throws Error(kNotFound) where there is none.
[[nodiscard]] std::vector<StudyFiles> FindStudies(const std::filesystem::path& folder);

/// The images of a series that can be analysed; reading one throws Error(kNotFound) where the file
/// has gone.
[[nodiscard]] std::vector<dicom_io::SliceSource> ImagesOf(const StudyFiles& study,
                                                          const Uid& series);

}  // namespace necknode::app
