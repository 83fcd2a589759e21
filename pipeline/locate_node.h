#pragma once

#include "core/lymph_node.h"
#include "core/volume.h"
#include "pipeline/body_mask.h"

namespace necknode::pipeline {

/// Side of the patient on which a node lies: of the middle of its key box against the body's
/// midline on that slice (FindBody says how that is found), left or right from 5 mm on, else
/// midline. kNotDetermined where the midline is unknown or the slices are not axial. Levels are not
/// determined here.
[[nodiscard]] Side SideOf(const LymphNode& node, const VolumeGrid& grid, const BodyMask& body);

}  // namespace necknode::pipeline
