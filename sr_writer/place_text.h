#pragma once

#include <string>

#include "core/assessment.h"

namespace necknode::sr_writer {

/// Where the suspicious nodes lie: their number by level and side, the largest short axis that was
/// measured, and the compartments. Empty without suspicious nodes. A sentence without its full
/// stop.
[[nodiscard]] std::string SuspiciousPlaces(const Assessment& assessment);

/// "Levels (experimental) from hyoid (slice 43), cricoid (slice 61); manubrium not found", or empty
/// where levels were not looked for.
[[nodiscard]] std::string LandmarkText(const Assessment& assessment);

/// ", about 30% cystic, suspected calcification, fatty hilum seen" as far as it holds.
[[nodiscard]] std::string TextureText(const LymphNode& node);

}  // namespace necknode::sr_writer
