#pragma once

#include <string>

#include "pipeline/process_study.h"

namespace necknode::pipeline {

/// Version of the form that docs/result_json.md describes; raised when a reader would have to
/// change.
inline constexpr int kResultJsonVersion = 1;

/// result.json of a finished run: UTF-8, indented, in a fixed order, without patient's name, ID or
/// dates. `ct` is null where the series could not be read.
[[nodiscard]] std::string ResultJson(const StudyResult& result,
                                     const StudyOptions& options,
                                     const dicom_io::CtVolume* ct);

/// "done", "not_eligible", "failed", "same_content".
[[nodiscard]] std::string_view ToString(Outcome outcome);

}  // namespace necknode::pipeline
