#pragma once

#include <array>
#include <cstdint>

#include <torch/types.h>

namespace necknode::models {

// Boxes are [n, 4] float tensors of x0, y0, x1, y1 in pixel edges. All functions throw
// Error(kInvalidArgument) with the actual shape where an argument has another.

/// Throws unless `boxes` is a floating [n, 4]; `what` names it in the message.
void CheckBoxes(const torch::Tensor& boxes, const char* what);
/// [n] areas; negative extents give what the product gives.
[[nodiscard]] torch::Tensor BoxArea(const torch::Tensor& boxes);
/// [n, 4], [m, 4] -> [n, m] intersection over union; 0 where both boxes are empty.
[[nodiscard]] torch::Tensor BoxIou(const torch::Tensor& a, const torch::Tensor& b);
/// [..., 4] clamped into 0..width, 0..height.
[[nodiscard]] torch::Tensor ClipBoxes(const torch::Tensor& boxes,
                                      std::int64_t height,
                                      std::int64_t width);
/// [k] int64 indices of boxes whose sides are both at least `min_size`.
[[nodiscard]] torch::Tensor IndicesOfLargeBoxes(const torch::Tensor& boxes, double min_size);

/// dx, dy, dw, dh of `targets` against `anchors` (both [n, 4], positive sides), each times its
/// weight (Girshick et al. 2014, appendix C).
[[nodiscard]] torch::Tensor EncodeBoxes(const torch::Tensor& targets,
                                        const torch::Tensor& anchors,
                                        const std::array<double, 4>& weights);
/// The inverse. `deltas`: [n, 4 k], `anchors`: [n, 4] -> [n, 4 k]. dw and dh are capped at log(1000
/// / 16).
[[nodiscard]] torch::Tensor DecodeBoxes(const torch::Tensor& deltas,
                                        const torch::Tensor& anchors,
                                        const std::array<double, 4>& weights);

}  // namespace necknode::models
