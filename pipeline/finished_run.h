#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/geometry.h"
#include "core/lymph_node.h"

namespace necknode::pipeline {

/// What the result.json of an earlier run says, rounded as all outputs are. Of a node number,
/// Tracking UID, side, boxes, key slice and the length of the short axis are set.
struct FinishedRun {
  bool done = false;  ///< the run ended well
  VolumeGrid grid;
  int first_slice = 0, last_slice = -1;  ///< analysed, inclusive
  std::vector<LymphNode> nodes;          ///< in slices and pixels of `grid`
};

/// nullopt where the text is no result.json, is damaged, or is of a run that had no volume.
[[nodiscard]] std::optional<FinishedRun> ReadFinishedRun(const std::string& result_json);

}  // namespace necknode::pipeline
