#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <torch/types.h>

namespace necknode::models {

/// "[2, 3, 64, 64]".
[[nodiscard]] std::string ShapeText(const torch::Tensor& tensor);

/// Throws Error(kInvalidArgument) with the actual shape unless `images` is a floating [N, channels,
/// H, W] with N >= 1 and H, W >= min_side.
void CheckImages(const torch::Tensor& images, std::int64_t channels, std::int64_t min_side);

/// Throws Error(kModel) that names the first of the `problems` that weights have with a module;
/// nothing where there are none.
void RequireFit(const std::vector<std::string>& problems);

/// Under autocast convolutions give half floats, too coarse for coordinates and losses.
[[nodiscard]] torch::Tensor AtLeastFloat32(const torch::Tensor& tensor);

}  // namespace necknode::models
