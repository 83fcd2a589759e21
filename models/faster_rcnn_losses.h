#pragma once

#include <cstdint>
#include <vector>

#include "models/faster_rcnn.h"
#include "models/sampler.h"

namespace necknode::models {

/// How candidates are chosen for the losses of Faster R-CNN and how these are weighed.
struct DetectorLossOptions {
  MatchThresholds rpn_match{0.3, 0.7, true};
  int rpn_samples = 128;  ///< anchors an image
  double rpn_positive_fraction = 0.5;
  double rpn_lambda = 1;  ///< see RpnLoss
  MatchThresholds head_match{0.5, 0.5, false};
  int head_samples = 128;  ///< proposals an image, true boxes among them
  double head_positive_fraction = 0.25;
  double head_lambda = 1;
  double head_beta = 1;  ///< of the smooth L1
};

/// The defaults; for fasterrcnn_published those of torchvision: 256 anchors, 512 proposals, beta
/// 1/9.
[[nodiscard]] DetectorLossOptions LossOptionsOf(const DetectorConfig& config);

/// rpn_class, rpn_box, head_class, head_box of a batch of images [N, C, H, W] with their true boxes
/// [n, 4]. `seed` draws the candidates.
[[nodiscard]] NamedLosses FasterRcnnLosses(FasterRcnnImpl& network,
                                           const torch::Tensor& images,
                                           const std::vector<torch::Tensor>& truths,
                                           const DetectorLossOptions& options,
                                           std::uint64_t seed);

}  // namespace necknode::models
