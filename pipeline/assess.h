#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/assessment.h"
#include "core/detection.h"
#include "core/volume.h"
#include "models/package.h"
#include "pipeline/body_mask.h"

namespace necknode::pipeline {

/// What the outputs must name of a package.
[[nodiscard]] ModelIdentity IdentityOf(const models::Package& package);

/// The head of an Assessment: model, thresholds, grid; complete, without slices or nodes.
[[nodiscard]] Assessment StartAssessment(const models::Package& package, const VolumeGrid& grid);

/// Everything after the networks, a pure function: links the detections, measures and locates the
/// nodes, judges and numbers them. `job_key` names the Tracking UIDs. `on_node(done, of)` is called
/// before each node is measured. The result is rounded.
[[nodiscard]] Assessment AssessDetections(const Volume& volume,
                                          const BodyMask& body,
                                          const std::vector<Detection>& detections,
                                          const models::Package& package,
                                          const std::string& job_key,
                                          const std::function<void(int, int)>& on_node);

/// Numbers nodes from 1 by descending probability; equal ones by descending detection score, then
/// by the key box's slice, row and column. Sets `number` and `tracking_uid`.
void NumberNodes(std::vector<LymphNode>& nodes, const std::string& job_key);

/// Indeterminate within the thresholds' band (ends included, no band where they are equal), else
/// malignant from the operating point on. All in whole percents, as the outputs print them.
[[nodiscard]] Malignancy Judge(double probability, const Thresholds& thresholds);

}  // namespace necknode::pipeline
