#pragma once

#include <cstdint>
#include <vector>

#include "core/volume.h"

namespace necknode::pipeline {

/// Between fat (-120) and foam or clothes (below -500).
inline constexpr int kBodyHu = -300;

/// What the body looks like on one slice. Positions in voxel indices of the volume, lengths in mm.
struct BodySlice {
  double area_mm2 = 0;   ///< of the body, air inside it counted; 0: no body here
  double midline_x = 0;  ///< column of the body's left-right middle; only where `midline_known`
  bool midline_known = false;  ///< false where too much of the outline lies outside the image
  bool airway = false;         ///< air of an airway's size near the midline, enclosed by the body
};

/// One bit for each cell of a coarse grid over a slice: cell (x, y) stands for the pixels from
/// (x * step_x, y * step_y) on.
struct CoarseMask {
  int step_x = 1, step_y = 1, columns = 0, rows = 0;
  std::vector<std::uint8_t> bits;  ///< row-major, 1 inside
};

/// The patient in the volume, on a coarse grid: finds what to analyse, the midline, and the airway.
struct BodyMask {
  std::vector<BodySlice> slices;  ///< one per slice of the volume
  int first_slice = 0,
      last_slice = -1;            ///< from the first to the last slice with a body; empty: none
  std::vector<CoarseMask> masks;  ///< the body on each slice, its holes filled
};

/// Method: above -300 HU on a grid of about 2 mm; per slice, what is thinner than about 6 mm (table
/// shells, tubes, blankets) is opened away; the largest connected part of the volume is the body (a
/// table that touches the skin with a thick face stays in it); holes are filled per slice.
///
/// Midline: on each slice the median of the middles of the body's rows, rows that reach the image's
/// left or right edge left out; then the median over the slices within 10 mm, so that one odd slice
/// (an ear, a hand) does not move it. Slices of cut-off shoulders, which have too few whole rows,
/// take the midline of slices up to 40 mm away.
[[nodiscard]] BodyMask FindBody(const Volume& volume);

/// The volume with air for everything farther than some 6 mm from the body: table, head rest,
/// tubes, blankets. What the networks see.
[[nodiscard]] Volume BodyOnly(const Volume& volume, const BodyMask& body);

}  // namespace necknode::pipeline
