#pragma once

#include <functional>
#include <vector>

#include "models/dataset.h"
#include "models/faster_rcnn.h"
#include "models/metrics.h"
#include "models/sampler.h"
#include "models/training_loop.h"

namespace necknode::models {

/// How candidates are chosen for the detector's losses and how these are weighed.
struct DetectorLossOptions {
  MatchThresholds rpn_match{0.3, 0.7, true};
  int rpn_samples = 128;  ///< anchors an image
  double rpn_positive_fraction = 0.5;
  double rpn_lambda = 1;  ///< see RpnLoss
  MatchThresholds head_match{0.5, 0.5, false};
  int head_samples = 128;  ///< proposals an image, true boxes among them
  double head_positive_fraction = 0.25;
  double head_lambda = 1;
};

/// Images of one batch in one tensor, [N, C, H, W] on `device`: smaller ones get air (-1) to the
/// right and below, up to a multiple of 32. Throws Error(kInvalidArgument) where channels differ or
/// there is no sample.
[[nodiscard]] torch::Tensor StackImages(const std::vector<DetectorSample>& samples,
                                        const torch::Device& device);

/// The four losses of the detector on a batch: rpn_class, rpn_box, head_class, head_box. `seed`
/// draws the candidates.
[[nodiscard]] NamedLosses DetectorLosses(FasterRcnn& network,
                                         const std::vector<DetectorSample>& samples,
                                         const DetectorLossOptions& options,
                                         std::uint64_t seed);

/// Boxes that the network (in eval mode) finds on samples 0 .. `count` - 1, above `score`, and
/// their truth.
struct DetectorAnswers {
  std::vector<ScoredBox> scored;
  std::vector<TrueBox> truths;
};
[[nodiscard]] DetectorAnswers AskDetector(FasterRcnn& network,
                                          DetectorDataset& samples,
                                          std::int64_t count,
                                          double score);

/// Trains `network` on `training`; every validate_every steps AP50 and recall at the best F1 are
/// measured on the first `validation_count` samples of `validation`. Errors as RunTraining.
TrainingReport TrainDetector(FasterRcnn& network,
                             DetectorDataset& training,
                             DetectorDataset& validation,
                             std::int64_t validation_count,
                             const TrainerOptions& options,
                             const DetectorLossOptions& loss_options,
                             const std::function<void(const TrainingReport&)>& progress);

}  // namespace necknode::models
