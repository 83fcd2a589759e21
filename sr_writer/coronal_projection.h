#pragma once

#include <vector>

#include "core/volume.h"

namespace necknode::sr_writer {

/// Extent in the patient's coordinates, mm.
struct PatientExtent {
  Vec3 low, high;
};
/// Of the voxels (with their whole volume) of slices `first` to `last`.
[[nodiscard]] PatientExtent ExtentOf(const VolumeGrid& grid, int first, int last);

/// A picture seen from the front: columns run to the patient's left, rows to the feet.
struct CoronalView {
  double left_mm = 0;  ///< x of the left edge, the patient's right
  double top_mm = 0;   ///< z of the upper edge
  double mm_per_pixel = 1;
  int columns = 0, rows = 0;
  [[nodiscard]] double ColumnOf(double x_mm) const { return (x_mm - left_mm) / mm_per_pixel; }
  [[nodiscard]] double RowOf(double z_mm) const { return (top_mm - z_mm) / mm_per_pixel; }
};

/// For each pixel of the view the path through the patient from front to back as mm of water: what
/// attenuates X-rays, bone (above 150 HU) counted threefold so that it stands out as in a scout
/// view. Slices outside `first` to `last` count as air. Any orientation of the volume.
[[nodiscard]] std::vector<float> ProjectCoronally(const Volume& volume,
                                                  int first,
                                                  int last,
                                                  const CoronalView& view);

}  // namespace necknode::sr_writer
