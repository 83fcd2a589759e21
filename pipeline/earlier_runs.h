#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/geometry.h"
#include "core/lymph_node.h"

namespace necknode::pipeline {

/// The nodes that an earlier run over the same study and route reported, and the volume in which
/// their boxes lie. Of a node `number`, `tracking_uid` and `boxes` are set.
struct EarlierRun {
  VolumeGrid grid;
  std::vector<LymphNode> nodes;
};

/// Reads it from a result.json. nullopt where that is none, or of a run that ended without a
/// volume.
[[nodiscard]] std::optional<EarlierRun> ReadEarlierRun(const std::string& result_json);

/// Names the nodes: one that overlaps a node of an earlier run keeps its number and Tracking UID
/// (newest run first, one to one, best overlap first); the others take the next numbers that no
/// run used, by descending probability, then descending detection score, key slice, row and column,
/// with Tracking UIDs over `job_key` and number. Sorts them by number.
void NameNodes(std::vector<LymphNode>& nodes,
               const VolumeGrid& grid,
               const std::vector<EarlierRun>& earlier,
               const std::string& job_key);

}  // namespace necknode::pipeline
