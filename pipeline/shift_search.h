#pragma once

#include <vector>

#include "pipeline/bone_map.h"

namespace necknode::pipeline {

/// Shifts (mm, from the current to the prior study's patient coordinates) at which the bones of two
/// studies lie on each other best, at most four, the best first, at least 12 mm apart along the
/// patient: vertebrae repeat. Searched on a grid of 8 mm: every height at which the studies have 40
/// mm in common, and up to 48 mm to each side of the images' middle.
[[nodiscard]] std::vector<Vec3> LikelyShifts(const BoneMap& current, const BoneMap& prior);

}  // namespace necknode::pipeline
