#pragma once

#include <vector>

#include "core/detection.h"
#include "core/geometry.h"
#include "core/lymph_node.h"

namespace necknode::pipeline {

/// Joins the detections of single slices into lymph nodes: suppresses doubles per slice, links
/// neighbouring slices one to one, bridges short gaps, splits what are two nodes, and keeps what is
/// thick or certain enough to be reported.
///
/// The nodes have `boxes`, `key_slice` and `detection_score` set and nothing else; they come in
/// order of first slice, then of the first box's position. The same detections give the same nodes;
/// ties are broken by index. Throws Error(kInvalidArgument) where a detection lies on a slice that
/// the grid lacks.
[[nodiscard]] std::vector<LymphNode> LinkNodes(const std::vector<Detection>& detections,
                                               const VolumeGrid& grid);

/// Log odds of malignancy of the whole node: the mean over its detected boxes, weighted by score
/// times area. Probabilities of slices are never multiplied, since slices of one node are not
/// independent witnesses.
[[nodiscard]] double NodeLogit(const LymphNode& node);

}  // namespace necknode::pipeline
