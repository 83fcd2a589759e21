#pragma once

#include <functional>
#include <vector>

#include "models/dataset.h"
#include "models/detector.h"
#include "models/metrics.h"
#include "models/training_loop.h"

namespace necknode::models {

/// Images of one batch in one tensor, [N, C, H, W] on `device`: smaller ones get air (-1) to the
/// right and below, up to a multiple of 32. Throws Error(kInvalidArgument) where channels differ or
/// there is no sample.
[[nodiscard]] torch::Tensor StackImages(const std::vector<DetectorSample>& samples,
                                        const torch::Device& device);

/// Losses of the detector on a batch, see Detector::Losses.
[[nodiscard]] NamedLosses DetectorLosses(Detector& network,
                                         const std::vector<DetectorSample>& samples,
                                         std::uint64_t seed);

/// Boxes that the network (in eval mode) finds on samples 0 .. `count` - 1, above `score`, and
/// their truth.
struct DetectorAnswers {
  std::vector<ScoredBox> scored;
  std::vector<TrueBox> truths;
};
[[nodiscard]] DetectorAnswers AskDetector(Detector& network,
                                          DetectorDataset& samples,
                                          std::int64_t count,
                                          double score);

/// Trains `network` on `training`; every validate_every steps AP50 and recall at the best F1 are
/// measured on the first `validation_count` samples of `validation`. Errors as RunTraining.
TrainingReport TrainDetector(Detector& network,
                             DetectorDataset& training,
                             DetectorDataset& validation,
                             std::int64_t validation_count,
                             const TrainerOptions& options,
                             const std::function<void(const TrainingReport&)>& progress);

}  // namespace necknode::models
