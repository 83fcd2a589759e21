#include "pipeline/prior_nodes.h"

#include <cmath>
#include <utility>

#include "pipeline/finished_run.h"

namespace necknode::pipeline {
namespace {

constexpr double kSamePlaceMm = 0.01;

bool SameVolume(const VolumeGrid& a, const VolumeGrid& b) {
  return a.rows == b.rows && a.columns == b.columns && a.slices == b.slices &&
         Norm(a.first.position - b.first.position) < kSamePlaceMm &&
         std::abs(a.slice_spacing_mm - b.slice_spacing_mm) < kSamePlaceMm;
}

}  // namespace

std::optional<PriorFindings> ReadPriorNodes(const std::string& result_json,
                                            const VolumeGrid& grid) {
  std::optional<FinishedRun> run = ReadFinishedRun(result_json);
  if (!run || !run->done || !SameVolume(run->grid, grid))
    return std::nullopt;
  return PriorFindings{grid, run->first_slice, run->last_slice, std::move(run->nodes), true};
}

}  // namespace necknode::pipeline
