#pragma once

#include <filesystem>
#include <string>

#include "sr_writer/documents.h"

namespace necknode::app {

// Names of the files that `necknode process` writes; `necknode report` finds them again.
inline constexpr const char* kResultFile = "result.json";
inline constexpr const char* kTextFile = "report.txt";
inline constexpr const char* kPageFile = "report.html";
inline constexpr const char* kReport3dFile = "sr_comprehensive3d.dcm";
inline constexpr const char* kReportFile = "sr_comprehensive.dcm";

/// The name of the n-th document of its kind, from 1.
[[nodiscard]] std::string ResultFileName(const sr_writer::Document& document, int ordinal_of_kind);
[[nodiscard]] bool IsPictureFile(const std::filesystem::path& path);
/// Whether a run writes a file of this name.
[[nodiscard]] bool IsResultFile(const std::filesystem::path& path);

}  // namespace necknode::app
