#pragma once

#include <algorithm>
#include <cmath>

namespace necknode::sr_writer {

/// The window of every picture that is made here, soft tissue of the neck, in Hounsfield units.
inline constexpr double kSoftTissueCenterHu = 50, kSoftTissueWidthHu = 350;

/// The grey of a voxel, 0 to 255.
[[nodiscard]] inline unsigned char GreyOf(double hu) {
  constexpr double kLow = kSoftTissueCenterHu - kSoftTissueWidthHu / 2;
  const double share = std::clamp((hu - kLow) / kSoftTissueWidthHu, 0.0, 1.0);
  return static_cast<unsigned char>(std::lround(share * 255));
}

}  // namespace necknode::sr_writer
