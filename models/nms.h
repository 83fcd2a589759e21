#pragma once

#include <torch/types.h>

namespace necknode::models {

/// Greedy non-maximum suppression within groups: a box goes where a better one of its group
/// overlaps it by more than `iou_threshold`. `boxes` [n, 4] float, `scores` [n] float, `groups` [n]
/// int64 (class or level; undefined: one group). Gives the kept indices (int64, on the boxes'
/// device), best score first; of equal scores the earlier wins. Throws Error(kInvalidArgument) on
/// other shapes.
[[nodiscard]] torch::Tensor Nms(const torch::Tensor& boxes,
                                const torch::Tensor& scores,
                                double iou_threshold,
                                const torch::Tensor& groups = {});

}  // namespace necknode::models
