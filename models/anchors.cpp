#include "models/anchors.h"

#include <string>

#include "core/error.h"
#include "models/box_ops.h"

namespace necknode::models {

torch::Tensor CellAnchors(double size, const std::vector<double>& ratios) {
  if (!(size > 0) || ratios.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "anchor size " + std::to_string(size) + " with " + std::to_string(ratios.size()) +
                    " ratios");
  }
  const torch::Tensor ratio = torch::tensor(ratios, torch::kFloat32);
  const torch::Tensor height = torch::sqrt(ratio);
  const torch::Tensor half_height = height * size;
  const torch::Tensor half_width = (1.0 / height) * size;
  const torch::Tensor corners =
      torch::stack({-half_width, -half_height, half_width, half_height}, 1);
  return torch::round(corners / 2);
}

torch::Tensor GridAnchors(const torch::Tensor& cell_anchors,
                          std::int64_t height,
                          std::int64_t width,
                          std::int64_t stride_y,
                          std::int64_t stride_x) {
  CheckBoxes(cell_anchors, "cell anchors");
  if (height < 1 || width < 1 || stride_y < 1 || stride_x < 1) {
    throw Error(ErrorCode::kInvalidArgument,
                "anchor grid of " + std::to_string(height) + " x " + std::to_string(width) +
                    " with strides " + std::to_string(stride_y) + ", " + std::to_string(stride_x));
  }
  const auto options = cell_anchors.options();
  const torch::Tensor y =
      (torch::arange(height, options) * stride_y).view({-1, 1}).expand({height, width});
  const torch::Tensor x =
      (torch::arange(width, options) * stride_x).view({1, -1}).expand({height, width});
  const torch::Tensor shifts = torch::stack({x, y, x, y}, 2).view({-1, 1, 4});  // [h w, 1, 4]
  return (shifts + cell_anchors).view({-1, 4});
}

}  // namespace necknode::models
