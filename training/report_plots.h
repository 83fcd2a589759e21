#pragma once

#include <filesystem>

#include "training/evaluation_report.h"

namespace necknode::training {

/// ROC curve of the malignancy of detected nodes with its band, that of boxes, the operating point
/// with Wilson intervals, and the readers, who judged nodes, where there are any.
void DrawRoc(const EvaluationReport& report, const std::filesystem::path& path);
/// FROC per slice, and per study where whole studies were evaluated, with bands.
void DrawFroc(const EvaluationReport& report, const std::filesystem::path& path);
/// Share of malignant boxes over the calibrated probability, with intervals and counts.
void DrawReliability(const EvaluationReport& report, const std::filesystem::path& path);

// All throw Error(kStorageFailed) and replace an older picture only once the new one is whole.

}  // namespace necknode::training
