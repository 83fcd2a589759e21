#pragma once

#include <vector>

#include "phantom/lymph_nodes.h"
#include "phantom/patient.h"

namespace necknode::phantom {

/// Draws slice `z` of the patient with its nodes into `volume`. `visible` gets, per node, the
/// pixels (row-major indices) that the node covers by at least half; empty for nodes that the slice
/// does not meet.
void RenderSlice(const Patient& patient,
                 const std::vector<NodeModel>& nodes,
                 std::uint64_t seed,
                 int z,
                 Volume& volume,
                 std::vector<std::vector<int>>& visible);

}  // namespace necknode::phantom
