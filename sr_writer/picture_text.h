#pragma once

#include <string>
#include <vector>

#include "core/assessment.h"
#include "sr_writer/canvas.h"

namespace necknode::sr_writer {

inline constexpr Canvas::Colour kNoticeColour{255, 255, 255};

/// Red: suspicious, yellow: indeterminate, green: not suspicious.
[[nodiscard]] Canvas::Colour ColourOf(Malignancy malignancy);

/// "LN-1 P 0.91 III": the label beside a node in a picture.
[[nodiscard]] std::string PictureLabel(const LymphNode& node);

/// What stands at the top left of every picture: the package's warning, "AI result, not verified",
/// broken limits; in lines of at most `width` pixels, but for a single word that is longer.
[[nodiscard]] std::vector<std::string> NoticeLines(const Assessment& assessment,
                                                   const Canvas& canvas,
                                                   int width);

}  // namespace necknode::sr_writer
