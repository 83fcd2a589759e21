#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sr_writer/documents.h"

namespace necknode::sr_writer {

/// The Assessment with every text in plain ASCII without backslashes and control characters, so
/// that it may stand in any attribute whatever the patient's character set; what is lost becomes
/// '?'.
[[nodiscard]] Assessment Printable(const Assessment& assessment);

/// The package's warning, or "NOT FOR CLINICAL USE" where it has none; empty for a clinical
/// package.
[[nodiscard]] std::string WarningOf(const ModelIdentity& model);
/// `text` with the warning before it.
[[nodiscard]] std::string WithWarning(const ModelIdentity& model, std::string_view text);
/// WithWarning, at most 64 characters (VR LO): what does not fit is cut from the end.
[[nodiscard]] std::string ShortWithWarning(const ModelIdentity& model, std::string_view text);

/// At most 64 characters (VR LO), cut after a word and marked with "..." where it is longer.
[[nodiscard]] std::string ShortText(std::string_view text);

/// "LN-1 P 0.91": the label beside a box.
[[nodiscard]] std::string Label(const LymphNode& node);
/// "level III right", "right side", "midline" or empty.
[[nodiscard]] std::string Place(const LymphNode& node, bool experimental_levels);
/// "LN-1 suspicious for metastasis, P 0.91, level III right, 14.2 x 9.1 mm axial, image 36": what
/// OHIF shows of a node; then what was seen in it, and what an earlier study says of it.
[[nodiscard]] std::string NodeComment(const Assessment& assessment,
                                      const LymphNode& node,
                                      bool experimental_levels);
/// "key=value; ..." of Algorithm Parameters (111002); check-sr reads `clinical` and `warning` from
/// it.
[[nodiscard]] std::string AlgorithmParameters(const Assessment& assessment);
/// "Outside the intended use: ..." or empty.
[[nodiscard]] std::string BrokenLimits(const Assessment& assessment);
/// "Of the images: 2 duplicate positions: ..." or empty.
[[nodiscard]] std::string ReaderNotes(const Assessment& assessment);
/// The case in sentences: findings, comparison with an earlier study, series and slices,
/// thresholds, limits, reason of a partial or failed run.
[[nodiscard]] std::string CaseSummary(const Assessment& assessment,
                                      std::string_view series_number,
                                      bool lossy);

[[nodiscard]] std::string SoftwareVersion(const DocumentContext& context);
[[nodiscard]] std::string SerialNumber(const Assessment& assessment,
                                       const DocumentContext& context);

}  // namespace necknode::sr_writer
