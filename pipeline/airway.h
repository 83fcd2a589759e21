#pragma once

#include <optional>
#include <vector>

#include "pipeline/axial_view.h"

namespace necknode::pipeline {

/// The airway's cut through one slice, in cells of the view.
struct AirwayCut {
  double column = 0, row = 0;  ///< centroid
  double width_mm = 0, height_mm = 0;
  double front_row = 0, back_row = 0;
  double area_mm2 = 0;
};

/// Follows the airway from the lowest slice to the head: of the enclosed parts below -400 HU of an
/// airway's size within 30 mm of the body's middle the one nearest to the slice before, at first
/// the largest. One entry per slice of the view; nullopt where there is none (a closed glottis, an
/// open mouth, the lungs only).
[[nodiscard]] std::vector<std::optional<AirwayCut>> TrackAirway(const AxialView& view);

}  // namespace necknode::pipeline
