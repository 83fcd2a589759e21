#include "app/result_files.h"

#include <algorithm>
#include <array>

namespace necknode::app {
namespace {

constexpr const char* kStateFile = "pr.dcm";

}  // namespace

std::string ResultFileName(const sr_writer::Document& document, int ordinal_of_kind) {
  if (document.kind == "SR")
    return ordinal_of_kind == 1 ? kReport3dFile : kReportFile;
  if (document.kind == "PR")
    return kStateFile;
  std::string number = std::to_string(ordinal_of_kind);
  number.insert(0, number.size() < 3 ? 3 - number.size() : 0, '0');
  return "sc_" + number + ".dcm";
}

bool IsPictureFile(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("sc_") && name.ends_with(".dcm");
}

bool IsResultFile(const std::filesystem::path& path) {
  const std::array names = {
      kResultFile, kTextFile, kPageFile, kReport3dFile, kReportFile, kStateFile};
  const std::string name = path.filename().string();
  return IsPictureFile(path) || std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace necknode::app
