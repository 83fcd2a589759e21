#pragma once

#include <string>
#include <vector>

#include "core/geometry.h"
#include "core/lymph_node.h"
#include "pipeline/finished_run.h"

namespace necknode::pipeline {

/// Names the nodes: one that overlaps a node of an earlier run keeps its number and Tracking UID
/// (newest run first, one to one, best overlap first); the others take the next numbers that no
/// run used, by descending probability, then descending detection score, key slice, row and column,
/// with Tracking UIDs over `job_key` and number. Sorts them by number.
void NameNodes(std::vector<LymphNode>& nodes,
               const VolumeGrid& grid,
               const std::vector<FinishedRun>& earlier,
               const std::string& job_key);

}  // namespace necknode::pipeline
