#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <torch/types.h>

namespace necknode::models {

/// Throws Error(kInvalidArgument) with the actual shape unless `features` is floating [N, C, H, W],
/// `rois` [R, 5] of its dtype with image indices below N in front, and `output` at least 1.
void CheckRois(const torch::Tensor& features, const torch::Tensor& rois, std::int64_t output);

/// Reads `rois` [R, 5] from one level: features [N, C, h, w], spatial scale -> [R, C, o, o].
using LevelPooling = std::function<torch::Tensor(
    const torch::Tensor& features, const torch::Tensor& rois, double spatial_scale)>;

/// Reads each RoI from level floor(4 + log2(sqrt(area) / 224) + 1e-6), clamped (Lin et al. 2017,
/// equation 1), in the order of `rois`. `features` from the finest, `strides` theirs (powers of 2).
[[nodiscard]] torch::Tensor PoolFromLevels(const std::vector<torch::Tensor>& features,
                                           const torch::Tensor& rois,
                                           const std::vector<std::int64_t>& strides,
                                           const LevelPooling& pool);

}  // namespace necknode::models
