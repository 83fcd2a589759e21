#pragma once

#include <optional>
#include <vector>

#include "core/volume.h"
#include "pipeline/ray_contour.h"

namespace necknode::pipeline {

/// The node's outline on one slice.
struct SliceContour {
  int slice = 0;
  RayContour contour;
};

/// What lies inside a node.
struct NodeTexture {
  std::optional<double> mean_hu;  ///< without cysts and calcifications
  double cystic_fraction = 0;     ///< share of the node, 0 to 1
  double calcification_mm3 = 0;   ///< suspected: contrast in a vessel may look the same
  bool fatty_hilum = false;
};

/// Looks at the contours without their outer millimetre (partial volume).
/// Cystic: 0 to 25 HU after a Gaussian of 2 mm (full width at half maximum), in patches that hold a
/// disc of 3 mm. Calcified: at least 300 HU and 1 mm3 together; the 130 HU of scans without
/// contrast would find enhancement. Fatty hilum: a patch of -150 to -20 HU of at least 4 mm2 that
/// reaches the edge. Thresholds from radiology texts (RadElement RDES24 for "cystic"), unproven on
/// patients.
[[nodiscard]] NodeTexture TextureOf(const Volume& volume,
                                    const std::vector<SliceContour>& contours);

}  // namespace necknode::pipeline
