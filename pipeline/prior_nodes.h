#pragma once

#include <optional>
#include <string>

#include "pipeline/match_prior.h"

namespace necknode::pipeline {

/// What the result.json of a finished run says was found in the volume `grid`, as reported. Boxes
/// and axes are rounded as all outputs are. nullopt where the text is no such result, the run did
/// not end well, or it was of another volume.
[[nodiscard]] std::optional<PriorFindings> ReadPriorNodes(const std::string& result_json,
                                                          const VolumeGrid& grid);

}  // namespace necknode::pipeline
