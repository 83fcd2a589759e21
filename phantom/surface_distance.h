#pragma once

#include <functional>

#include "phantom/label_volume.h"
#include "phantom/sparse_field.h"

namespace necknode::phantom {

/// How labels become a smooth surface.
struct SurfaceOptions {
  int smoothing = 2;       ///< passes of a 1-2-1 filter over the mask in each direction
  float threshold = 0.5F;  ///< of the smoothed mask; less keeps thin bones whole
  bool fill_holes =
      false;  ///< fills what the mask encloses within an axial slice (marrow that is not labelled)
};

/// Raises `field` by the signed distance (mm) to the smoothed surface of the voxels whose label
/// `wanted` accepts.
void RaiseByLabels(const LabelVolume& atlas,
                   const std::function<bool(std::uint8_t)>& wanted,
                   const SurfaceOptions& options,
                   DenseField& field);

}  // namespace necknode::phantom
