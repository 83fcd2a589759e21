#pragma once

#include <string>

#include "core/assessment.h"

namespace necknode::sr_writer {

/// What the earlier study says of a node: "earlier 2024-05-03: LN-2, short axis 7.1 mm, +1.4 mm",
/// "not seen in the earlier study of 2024-05-03", "earlier size not compared: ...". Empty where no
/// earlier study was compared. Never says that a node is new.
[[nodiscard]] std::string EarlierText(const LymphNode& node);

/// The comparison in one sentence without its full stop: "Compared with the study of 2024-05-03,
/// ...", "Not compared with the study of 2024-05-03: ...". Empty where no earlier study is known.
[[nodiscard]] std::string ComparisonText(const Assessment& assessment);

}  // namespace necknode::sr_writer
