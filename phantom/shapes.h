#pragma once

#include <span>
#include <vector>

#include "phantom/channels.h"
#include "phantom/sparse_field.h"

namespace necknode::phantom {

/// An elliptic cross-section of a structure. Lengths in voxels of the atlas; `dx` counts from the
/// midline towards the patient's right; the first half axis points along (1, slope) in (x, y).
struct Section {
  float z, dx, y, half_x, half_y, slope = 0;
};

/// A structure that the atlas lacks, as cross-sections at ascending z.
struct Tube {
  Channel channel;
  bool mirrored;  ///< once on each side
  std::vector<Section> sections;
};

/// Everything that is drawn by hand beside the atlas's labels.
[[nodiscard]] std::span<const Tube> HandDrawnTubes();

/// x of the median plane at height z, in voxels.
[[nodiscard]] float MidlineX(float z);

/// Raises `field` by the tube's signed distance (mm). The ends are rounded.
void RaiseByTube(const Tube& tube, DenseField& field);

/// Raises `field` by the rows of teeth.
void RaiseByTeeth(DenseField& field);

}  // namespace necknode::phantom
