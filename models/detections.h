#pragma once

#include <cstdint>

#include <torch/types.h>

namespace necknode::models {

/// Boxes of one image, best score first, in pixels of the image tensor.
struct ImageDetections {
  torch::Tensor boxes;   ///< [D, 4] x0, y0, x1, y1, inside the image
  torch::Tensor scores;  ///< [D] 0 to 1
  torch::Tensor labels;  ///< [D] int64, 1 .. classes - 1
};

/// What a one-stage detector keeps of its boxes.
struct DetectionLimits {
  double score = 0;             ///< boxes of a higher score take part
  std::int64_t candidates = 0;  ///< at most as many a class, the best
  double nms = 0;               ///< IoU above which the better box of a class removes the other
  std::int64_t detections = 0;  ///< at most as many in all
};

/// The best of `boxes` [B, 4], clipped into height x width, by `scores` [B, classes - 1] (without
/// the background).
[[nodiscard]] ImageDetections BestDetections(const torch::Tensor& boxes,
                                             const torch::Tensor& scores,
                                             const DetectionLimits& limits,
                                             std::int64_t height,
                                             std::int64_t width);

}  // namespace necknode::models
