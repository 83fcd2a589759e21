#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

namespace necknode::models {

/// RoI Align (He et al. 2017) with aligned = false as torchvision's detection models use it: each
/// RoI, scaled by `spatial_scale` and at least 1 x 1, is cut into output x output bins; a bin is
/// the mean of sampling x sampling bilinear samples. A sample more than one pixel outside the map
/// counts as 0. `features` [N, C, H, W] floating; `rois` [R, 5] of the same dtype: image index, x0,
/// y0, x1, y1 in image pixels. Gives [R, C, output, output], differentiable in `features` alone.
/// CPU and CUDA. Throws Error(kInvalidArgument) on other shapes or an image index out of range.
[[nodiscard]] torch::Tensor RoiAlign(const torch::Tensor& features,
                                     const torch::Tensor& rois,
                                     double spatial_scale,
                                     std::int64_t output,
                                     std::int64_t sampling);

/// RoI Align over a pyramid: PoolFromLevels (roi_levels.h) by RoiAlign.
[[nodiscard]] torch::Tensor MultiScaleRoiAlign(const std::vector<torch::Tensor>& features,
                                               const torch::Tensor& rois,
                                               const std::vector<std::int64_t>& strides,
                                               std::int64_t output,
                                               std::int64_t sampling);

}  // namespace necknode::models
