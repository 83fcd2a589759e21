#include "app/study_folder.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <span>
#include <utility>

#include "coordinator/series_selection.h"
#include "core/error.h"

namespace necknode::app {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> ReadFile(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  std::vector<char> bytes(error ? 0 : static_cast<std::size_t>(size));
  std::ifstream in(path, std::ios::binary);
  if (error || !in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
    throw Error(ErrorCode::kNotFound, "cannot read " + path.string());
  const auto view = std::as_bytes(std::span(bytes));
  return {view.begin(), view.end()};
}

}  // namespace

std::vector<StudyFiles> FindStudies(const fs::path& folder) {
  const dicom_io::DicomFolder listing = dicom_io::ListDicomFiles(folder);
  for (const auto& bad : listing.unreadable) {
    std::fprintf(stderr, "not read: %s: %s\n", bad.path.c_str(), bad.reason.c_str());
  }
  std::map<Uid, StudyFiles> studies;
  for (const dicom_io::DicomFolder::File& file : listing.files) {
    StudyFiles& study = studies[file.header.study_instance_uid];
    study.study_instance_uid = file.header.study_instance_uid;
    study.files.push_back(file);
  }
  if (studies.empty())
    throw Error(ErrorCode::kNotFound, "no readable DICOM file in " + folder.string());
  std::vector<StudyFiles> found;
  for (auto& [uid, study] : studies)
    found.push_back(std::move(study));
  return found;
}

std::vector<dicom_io::SliceSource> ImagesOf(const StudyFiles& study, const Uid& series) {
  std::vector<dicom_io::SliceSource> images;
  for (const dicom_io::DicomFolder::File& file : study.files) {
    if (file.header.series_instance_uid == series && coordinator::IsAnalysable(file.header)) {
      images.push_back(
          {file.path.filename().string(), [path = file.path] { return ReadFile(path); }});
    }
  }
  return images;
}

}  // namespace necknode::app
