#include "models/roi_levels.h"

#include <cmath>
#include <string>

#include "core/error.h"
#include "models/tensor_checks.h"

namespace necknode::models {

void CheckRois(const torch::Tensor& features, const torch::Tensor& rois, std::int64_t output) {
  if (!features.defined() || features.dim() != 4 || !features.is_floating_point()) {
    throw Error(ErrorCode::kInvalidArgument,
                "features have shape " + ShapeText(features) + ", expected floating [N, C, H, W]");
  }
  if (!rois.defined() || rois.dim() != 2 || rois.size(1) != 5 ||
      rois.scalar_type() != features.scalar_type()) {
    throw Error(ErrorCode::kInvalidArgument,
                "rois have shape " + ShapeText(rois) + ", expected [R, 5] of the features' dtype");
  }
  if (output < 1) {
    throw Error(ErrorCode::kInvalidArgument,
                "output " + std::to_string(output) + ", expected at least 1");
  }
  if (rois.size(0) == 0)
    return;
  const torch::Tensor image = rois.select(1, 0);
  const double lowest = image.min().item<double>(), highest = image.max().item<double>();
  if (lowest < 0 || highest >= static_cast<double>(features.size(0))) {
    throw Error(ErrorCode::kInvalidArgument,
                "image index from " + std::to_string(lowest) + " to " + std::to_string(highest) +
                    " with " + std::to_string(features.size(0)) + " images");
  }
}

torch::Tensor PoolFromLevels(const std::vector<torch::Tensor>& features,
                             const torch::Tensor& rois,
                             const std::vector<std::int64_t>& strides,
                             const LevelPooling& pool) {
  constexpr double kCanonicalSize = 224;  // ImageNet's, read from level 4
  constexpr double kCanonicalLevel = 4;
  if (features.empty() || features.size() != strides.size()) {
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(features.size()) + " levels with " + std::to_string(strides.size()) +
                    " strides");
  }
  CheckRois(features.front(), rois, /*output=*/1);
  const auto scale_of = [&](std::size_t i) { return 1.0 / static_cast<double>(strides[i]); };
  if (rois.size(0) == 0)
    return pool(features.front(), rois, scale_of(0));
  const torch::Tensor corners = rois.detach().slice(1, 1, 5);
  const torch::Tensor sides = corners.slice(1, 2, 4) - corners.slice(1, 0, 2);
  const torch::Tensor side = torch::sqrt(sides.select(1, 0) * sides.select(1, 1));
  const double first = std::log2(static_cast<double>(strides.front()));
  const torch::Tensor level =
      (torch::floor(kCanonicalLevel + torch::log2(side / kCanonicalSize) + 1e-6) - first)
          .clamp(0, static_cast<double>(strides.size() - 1));  // [R]; not a number stays so
  std::vector<torch::Tensor> parts, positions;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const torch::Tensor mine = i == 0 ? ~(level > 0) : level == static_cast<double>(i);
    const torch::Tensor index = torch::nonzero(mine).view(-1);
    if (index.size(0) == 0)
      continue;
    parts.push_back(pool(features[i], rois.index_select(0, index), scale_of(i)));
    positions.push_back(index);
  }
  if (parts.size() == 1)
    return parts.front();
  return torch::cat(parts).index_select(0, torch::argsort(torch::cat(positions)));
}

}  // namespace necknode::models
