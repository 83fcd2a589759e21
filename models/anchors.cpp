#include "models/anchors.h"

#include <algorithm>
#include <string>

#include "core/error.h"
#include "models/box_ops.h"

namespace necknode::models {

torch::Tensor CellAnchors(const std::vector<double>& sizes, const std::vector<double>& ratios) {
  const bool positive =
      std::all_of(sizes.begin(), sizes.end(), [](double size) { return size > 0; });
  if (sizes.empty() || ratios.empty() || !positive) {
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(sizes.size()) + " anchor sizes (above 0) with " +
                    std::to_string(ratios.size()) + " ratios");
  }
  const torch::Tensor size = torch::tensor(sizes, torch::kFloat32).unsqueeze(0);    // [1, sizes]
  const torch::Tensor ratio = torch::tensor(ratios, torch::kFloat32).unsqueeze(1);  // [ratios, 1]
  const torch::Tensor root = torch::sqrt(ratio);
  const torch::Tensor height = (root * size).view(-1);
  const torch::Tensor width = ((1.0 / root) * size).view(-1);
  return torch::round(torch::stack({-width, -height, width, height}, 1) / 2);
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
