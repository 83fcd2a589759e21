#include "pipeline/locate_node.h"

#include <cmath>
#include <cstddef>

namespace necknode::pipeline {
namespace {

constexpr double kMidlineMm = 5.0;    // nearer than this, the side is not certain
constexpr double kAxialCosine = 0.9;  // rows must run left-right to within some 25 degrees

}  // namespace

Side SideOf(const LymphNode& node, const VolumeGrid& grid, const BodyMask& body) {
  const BodySlice& slice = body.slices.at(static_cast<std::size_t>(node.key_slice));
  if (!slice.midline_known || std::abs(grid.first.row_direction.x) < kAxialCosine)
    return Side::kNotDetermined;
  // Pixel edges to pixel centres: the first pixel's centre is at 0.5.
  const double x = node.KeyBox().box.CentreX() - 0.5, y = node.KeyBox().box.CentreY() - 0.5;
  const Vec3 place = grid.ToPatient(x, y, node.key_slice);
  const Vec3 midline = grid.ToPatient(slice.midline_x, y, node.key_slice);
  const double to_the_left = place.x - midline.x;
  if (std::abs(to_the_left) < kMidlineMm)
    return Side::kMidline;
  return to_the_left > 0 ? Side::kLeft : Side::kRight;
}

}  // namespace necknode::pipeline
