#pragma once

#include <cstdint>
#include <vector>

#include <torch/types.h>

namespace necknode::models {

/// RoI pooling (Girshick 2015, section 2.1) as torchvision's roi_pool: each RoI, scaled by
/// `spatial_scale`, its corners rounded to whole pixels (halves away from 0) and both belonging to
/// it, is cut into output x output bins, rounded outwards so that neighbours may share pixels; a
/// bin is its largest pixel, 0 where no pixel of the map is in it. Arguments, result, gradient and
/// errors as RoiAlign.
[[nodiscard]] torch::Tensor RoiPool(const torch::Tensor& features,
                                    const torch::Tensor& rois,
                                    double spatial_scale,
                                    std::int64_t output);

/// RoI pooling over a pyramid: PoolFromLevels (roi_levels.h) by RoiPool.
[[nodiscard]] torch::Tensor MultiScaleRoiPool(const std::vector<torch::Tensor>& features,
                                              const torch::Tensor& rois,
                                              const std::vector<std::int64_t>& strides,
                                              std::int64_t output);

}  // namespace necknode::models
