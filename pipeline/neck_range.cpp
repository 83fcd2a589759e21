#include "pipeline/neck_range.h"

#include <limits>

namespace necknode::pipeline {
namespace {

constexpr double kBelowManubriumMm = 40;  // the innominate vein, where level VII ends
constexpr double kBelowHyoidMm = 140;     // hyoid to manubrium is 70 to 100 mm in adults
constexpr double kAboveSkullBaseMm = 10;
constexpr double kMinNeckMm = 60;

}  // namespace

NeckRange FindNeckRange(const VolumeGrid& grid, const BodyMask& body, const Landmarks& landmarks) {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  if (landmarks.manubrium_z)
    low = *landmarks.manubrium_z - kBelowManubriumMm;
  else if (landmarks.hyoid_z)
    low = *landmarks.hyoid_z - kBelowHyoidMm;
  if (landmarks.skull_base_z)
    high = *landmarks.skull_base_z + kAboveSkullBaseMm;

  const NeckRange whole{body.first_slice, body.last_slice};
  NeckRange neck;
  for (int z = whole.first; z <= whole.last; ++z) {
    const double height = grid.ToPatient(grid.columns / 2.0, grid.rows / 2.0, z).z;
    if (height < low || height > high)
      continue;
    if (neck.last < 0)
      neck.first = z;
    neck.last = z;
  }
  const bool believable = (neck.last - neck.first + 1) * grid.slice_spacing_mm >= kMinNeckMm;
  return neck.last >= neck.first && believable ? neck : whole;
}

}  // namespace necknode::pipeline
