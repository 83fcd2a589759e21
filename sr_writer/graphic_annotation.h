#pragma once

#include <string>

#include "sr_writer/common_modules.h"

namespace necknode::sr_writer {

/// The presentation state's two layers. An indeterminate node lies in the one on its side of the
/// operating point.
enum class GraphicLayer { kBenign, kMalignant };
[[nodiscard]] GraphicLayer LayerOf(const LymphNode& node, const Thresholds& thresholds);
[[nodiscard]] std::string NameOf(GraphicLayer layer);

/// Where a label of `characters` characters goes: above the box, below it where it would leave the
/// image or touch the notice that takes `notice_height` pixels at the top, and always inside the
/// image.
[[nodiscard]] Box PlaceText(const Box& box,
                            std::size_t characters,
                            const EvidenceImage& image,
                            double notice_height);

/// Adds the Graphic Annotation items (PS3.3 C.10.5) of one slice, one for each layer with boxes on
/// it. `notice` stands once at the slice's top left; lines are separated by newlines; empty: none.
void AddGraphicAnnotations(DcmItem& item,
                           const Assessment& assessment,
                           int slice,
                           const EvidenceImage& image,
                           const std::string& notice);

}  // namespace necknode::sr_writer
