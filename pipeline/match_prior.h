#pragma once

#include <vector>

#include "core/lymph_node.h"
#include "core/volume.h"
#include "pipeline/register_prior.h"

namespace necknode::pipeline {

/// What was found in the earlier study, and where it was looked for.
struct PriorFindings {
  VolumeGrid grid;
  int first_slice = 0, last_slice = -1;  ///< analysed, inclusive
  std::vector<LymphNode> nodes;          ///< in slices and pixels of `grid`
  bool reported = false;                 ///< the nodes' numbers stand in a report of that study
};

/// Middle of a node's boxes in the patient's coordinates, mm.
[[nodiscard]] Vec3 CentreOf(const LymphNode& node, const VolumeGrid& grid);

/// Which node of the earlier study each of `nodes` is, one to one with the smallest sum of
/// distances. One finding per node, without date. A match is unsure where the alignment is, where
/// the two lie more than 10 mm apart, where another node fits to within 5 mm as well, where they
/// lie on different sides, and where one is less than half as large as the other. A node is not
/// seen in the earlier study only where the alignment is good and its place was analysed there.
[[nodiscard]] std::vector<EarlierFinding> MatchPrior(const std::vector<LymphNode>& nodes,
                                                     const VolumeGrid& grid,
                                                     const PriorFindings& prior,
                                                     const Registration& registration);

}  // namespace necknode::pipeline
