#pragma once

#include <string>

#include "core/lymph_node.h"
#include "core/volume.h"
#include "pipeline/body_mask.h"
#include "pipeline/landmarks.h"

namespace necknode::pipeline {

/// Side of the patient on which a node lies: of the middle of its key box against the midline of
/// the spine on that slice, else of the body (FindBody says how that is found); left or right from
/// 5 mm on, else midline. kNotDetermined where neither midline is known or the slices are not
/// axial.
[[nodiscard]] Side SideOf(const LymphNode& node,
                          const VolumeGrid& grid,
                          const BodyMask& body,
                          const Landmarks& landmarks);

/// Level of the neck (Som 1999, AJCC 8) of the middle of a node's key box, as far as bone and
/// airway tell: heights of hyoid, cricoid and manubrium, distance from the spine's midline, before
/// or behind the middle of the vertebral bodies. Carotid, jugular vein, sternocleidomastoid and
/// glands, which the definitions rest on, are not found. So some places have no level (12 to 30 mm
/// from the midline, where a goitre shifts the carotids; behind the airway), heights within 5 mm or
/// one and a half slices of a landmark are merged ("II/III"), so is what lies about the back of the
/// sternocleidomastoid ("III or V") or beside the airway ("I or II"), and a landmark that is
/// missing merges its levels. Sublevels and retropharyngeal nodes are not told apart. Empty: not
/// determined.
[[nodiscard]] std::string LevelOf(const LymphNode& node,
                                  const VolumeGrid& grid,
                                  const Landmarks& landmarks);

}  // namespace necknode::pipeline
