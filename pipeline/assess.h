#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/assessment.h"
#include "core/detection.h"
#include "core/volume.h"
#include "models/package.h"
#include "pipeline/body_mask.h"
#include "pipeline/earlier_runs.h"
#include "pipeline/landmarks.h"
#include "pipeline/neck_range.h"

namespace necknode::pipeline {

/// What the outputs must name of a package.
[[nodiscard]] ModelIdentity IdentityOf(const models::Package& package);

/// The head of an Assessment: model, thresholds, grid; complete, without slices or nodes.
[[nodiscard]] Assessment StartAssessment(const models::Package& package, const VolumeGrid& grid);

/// Where in the volume a node may lie.
struct Surroundings {
  BodyMask body;
  Landmarks landmarks;
  NeckRange neck;
  bool find_levels = true;  ///< else only sides are told
};
[[nodiscard]] Surroundings FindSurroundings(const Volume& volume);

/// Everything after the networks, a pure function: links the detections, measures and locates the
/// nodes, judges and names them (NameNodes, with `job_key` and `earlier`). `on_node(done, of)` is
/// called before each node is measured. The result is rounded.
[[nodiscard]] Assessment AssessDetections(const Volume& volume,
                                          const Surroundings& surroundings,
                                          const std::vector<Detection>& detections,
                                          const models::Package& package,
                                          const std::string& job_key,
                                          const std::vector<FinishedRun>& earlier,
                                          const std::function<void(int, int)>& on_node);

/// Indeterminate within the thresholds' band (ends included, no band where they are equal), else
/// malignant from the operating point on. All in whole percents, as the outputs print them.
[[nodiscard]] Malignancy Judge(double probability, const Thresholds& thresholds);

}  // namespace necknode::pipeline
