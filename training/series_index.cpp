#include "training/series_index.h"

#include <algorithm>
#include <map>
#include <utility>

#include "dicom_io/folder.h"
#include "dicom_io/value_text.h"

namespace necknode::training {
namespace {

constexpr const char* kCtImage = "1.2.840.10008.5.1.4.1.1.2";
constexpr const char* kEnhancedCtImage = "1.2.840.10008.5.1.4.1.1.2.1";

std::string RelativeName(const std::filesystem::path& path, const std::filesystem::path& folder) {
  return path.lexically_relative(folder).generic_string();
}

PatientText PatientOf(const InstanceHeader& header) {
  return PatientText(std::string(dicom_io::Trim(header.patient_id.Reveal())));
}

std::string WhyNotUsed(const InstanceHeader& header) {
  const std::string& sop_class = header.sop_class_uid.value();
  if (sop_class == kCtImage) {
    return "";
  }
  return sop_class == kEnhancedCtImage ? "an Enhanced CT; classic CT images are needed"
                                       : "not a CT image, SOP class " + sop_class;
}

}  // namespace

std::vector<IndexedSeries> IndexSeries(const std::filesystem::path& folder,
                                       DataProblems& problems) {
  auto listed = dicom_io::ListDicomFiles(folder);
  for (const auto& file : listed.unreadable) {
    if (file.path.extension() != ".json") {
      problems.push_back({RelativeName(file.path, folder), "", file.reason});
    }
  }
  std::vector<IndexedSeries> all;
  std::map<Uid, std::size_t> series_of_uid;
  std::map<Uid, std::string> file_of_uid;
  for (auto& file : listed.files) {
    const std::string name = RelativeName(file.path, folder);
    if (const auto reason = WhyNotUsed(file.header); !reason.empty()) {
      problems.push_back({name, "", reason});
      continue;
    }
    const auto [earlier, is_new] = file_of_uid.try_emplace(file.header.sop_instance_uid, name);
    if (!is_new) {
      problems.push_back({name, "", "the same SOP Instance UID as " + earlier->second});
      continue;
    }
    const auto [at, begins] =
        series_of_uid.try_emplace(file.header.series_instance_uid, all.size());
    if (begins) {
      const auto parent = RelativeName(file.path.parent_path(), folder);
      all.push_back({parent, PatientOf(file.header), {}});
    }
    all[at->second].files.push_back({std::move(file.path), std::move(file.header)});
  }
  std::erase_if(all, [&](const IndexedSeries& series) {
    const auto other = std::find_if(
        series.files.begin(), series.files.end(), [&](const IndexedSeries::File& file) {
          return PatientOf(file.header) != series.patient_id;
        });
    if (other == series.files.end()) {
      return false;
    }
    problems.push_back(
        {series.name,
         "series of " + std::to_string(series.files.size()) + " files",
         RelativeName(other->path, folder) + " names another patient than the files before it"});
    return true;
  });
  return all;
}

}  // namespace necknode::training
