#include "models/tensor_checks.h"

#include "core/error.h"

namespace necknode::models {

std::string ShapeText(const torch::Tensor& tensor) {
  if (!tensor.defined())
    return "undefined";
  std::string text = "[";
  for (std::int64_t i = 0; i < tensor.dim(); ++i) {
    if (i > 0)
      text += ", ";
    text += std::to_string(tensor.size(i));
  }
  return text + "]";
}

void CheckImages(const torch::Tensor& images, std::int64_t channels, std::int64_t min_side) {
  const bool good = images.defined() && images.dim() == 4 && images.is_floating_point() &&
                    images.size(0) >= 1 && images.size(1) == channels &&
                    images.size(2) >= min_side && images.size(3) >= min_side;
  if (!good) {
    throw Error(ErrorCode::kInvalidArgument,
                "images have shape " + ShapeText(images) + ", expected floating [N, " +
                    std::to_string(channels) + ", H, W] with H and W of at least " +
                    std::to_string(min_side));
  }
}

void RequireFit(const std::vector<std::string>& problems) {
  constexpr std::size_t kNamed = 5;
  if (problems.empty())
    return;
  std::string text = "weights do not fit the architecture: ";
  for (std::size_t i = 0; i < problems.size() && i < kNamed; ++i) {
    if (i > 0)
      text += "; ";
    text += problems[i];
  }
  if (problems.size() > kNamed) {
    text += "; and " + std::to_string(problems.size() - kNamed) + " more";
  }
  throw Error(ErrorCode::kModel, text);
}

torch::Tensor AtLeastFloat32(const torch::Tensor& tensor) {
  return tensor.to(torch::promote_types(tensor.scalar_type(), torch::kFloat32));
}

}  // namespace necknode::models
