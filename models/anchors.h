#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <torch/types.h>

namespace necknode::models {

/// [ratios * sizes, 4] anchors about the origin, by ratio, size: side sqrt(area) = size, ratio =
/// height / width, corners rounded half to even as torchvision rounds them.
[[nodiscard]] torch::Tensor CellAnchors(const std::vector<double>& sizes,
                                        const std::vector<double>& ratios);

/// [height * width * anchors, 4] anchors of one level, by row, column, cell anchor. Cell (0, 0)
/// lies about the image's origin, the next `stride_x`, `stride_y` pixels on.
[[nodiscard]] torch::Tensor GridAnchors(const torch::Tensor& cell_anchors,
                                        std::int64_t height,
                                        std::int64_t width,
                                        std::int64_t stride_y,
                                        std::int64_t stride_x);

}  // namespace necknode::models
