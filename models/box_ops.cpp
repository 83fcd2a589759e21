#include "models/box_ops.h"

#include <cmath>
#include <string>

#include "core/error.h"
#include "models/tensor_checks.h"

namespace necknode::models {
namespace {

/// Larger dw and dh would overflow exp; the cap is torchvision's.
const double kMaxLogScale = std::log(1000.0 / 16.0);

}  // namespace

void CheckBoxes(const torch::Tensor& boxes, const char* what) {
  if (!boxes.defined() || boxes.dim() != 2 || boxes.size(1) != 4 || !boxes.is_floating_point()) {
    throw Error(
        ErrorCode::kInvalidArgument,
        std::string(what) + " have shape " + ShapeText(boxes) + ", expected floating [n, 4]");
  }
}

torch::Tensor BoxArea(const torch::Tensor& boxes) {
  CheckBoxes(boxes, "boxes");
  return (boxes.select(1, 2) - boxes.select(1, 0)) * (boxes.select(1, 3) - boxes.select(1, 1));
}

torch::Tensor BoxIou(const torch::Tensor& a, const torch::Tensor& b) {
  CheckBoxes(a, "boxes a");
  CheckBoxes(b, "boxes b");
  const torch::Tensor area_a = BoxArea(a), area_b = BoxArea(b);
  const torch::Tensor low =
      torch::max(a.slice(1, 0, 2).unsqueeze(1), b.slice(1, 0, 2));  // [n, m, 2]
  const torch::Tensor high =
      torch::min(a.slice(1, 2, 4).unsqueeze(1), b.slice(1, 2, 4));  // [n, m, 2]
  const torch::Tensor sides = (high - low).clamp_min(0);
  const torch::Tensor common = sides.select(2, 0) * sides.select(2, 1);  // [n, m]
  const torch::Tensor whole = area_a.unsqueeze(1) + area_b - common;
  return torch::where(whole > 0, common / whole, torch::zeros_like(whole));
}

torch::Tensor ClipBoxes(const torch::Tensor& boxes, std::int64_t height, std::int64_t width) {
  if (!boxes.defined() || boxes.dim() < 1 || boxes.size(-1) != 4) {
    throw Error(ErrorCode::kInvalidArgument,
                "boxes have shape " + ShapeText(boxes) + ", expected [..., 4]");
  }
  const torch::Tensor x = boxes.slice(-1, 0, 4, 2).clamp(0, width);
  const torch::Tensor y = boxes.slice(-1, 1, 4, 2).clamp(0, height);
  return torch::stack({x, y}, -1).reshape(boxes.sizes());
}

torch::Tensor IndicesOfLargeBoxes(const torch::Tensor& boxes, double min_size) {
  CheckBoxes(boxes, "boxes");
  const torch::Tensor sides = boxes.slice(1, 2, 4) - boxes.slice(1, 0, 2);
  return torch::nonzero((sides >= min_size).all(1)).view(-1);
}

torch::Tensor EncodeBoxes(const torch::Tensor& targets,
                          const torch::Tensor& anchors,
                          const std::array<double, 4>& weights) {
  CheckBoxes(targets, "targets");
  CheckBoxes(anchors, "anchors");
  if (targets.size(0) != anchors.size(0)) {
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(targets.size(0)) + " targets for " +
                    std::to_string(anchors.size(0)) + " anchors");
  }
  const torch::Tensor anchor_size = anchors.slice(1, 2, 4) - anchors.slice(1, 0, 2);
  const torch::Tensor anchor_centre = anchors.slice(1, 0, 2) + 0.5 * anchor_size;
  const torch::Tensor size = targets.slice(1, 2, 4) - targets.slice(1, 0, 2);
  const torch::Tensor centre = targets.slice(1, 0, 2) + 0.5 * size;
  const torch::Tensor shift = (centre - anchor_centre) / anchor_size;
  const torch::Tensor scale = torch::log(size / anchor_size);
  const torch::Tensor factors =
      torch::tensor({weights[0], weights[1], weights[2], weights[3]}, targets.options());
  return torch::cat({shift, scale}, 1) * factors;
}

torch::Tensor DecodeBoxes(const torch::Tensor& deltas,
                          const torch::Tensor& anchors,
                          const std::array<double, 4>& weights) {
  CheckBoxes(anchors, "anchors");
  if (!deltas.defined() || deltas.dim() != 2 || deltas.size(0) != anchors.size(0) ||
      deltas.size(1) % 4 != 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "deltas have shape " + ShapeText(deltas) + ", expected [" +
                    std::to_string(anchors.size(0)) + ", 4 k]");
  }
  const std::int64_t classes = deltas.size(1) / 4;
  const torch::Tensor factors =
      torch::tensor({weights[0], weights[1], weights[2], weights[3]}, deltas.options());
  const torch::Tensor d = deltas.view({deltas.size(0), classes, 4}) / factors;  // [n, k, 4]
  const torch::Tensor boxes = anchors.to(deltas.scalar_type());
  const torch::Tensor size =
      (boxes.slice(1, 2, 4) - boxes.slice(1, 0, 2)).unsqueeze(1);  // [n, 1, 2]
  const torch::Tensor centre = boxes.slice(1, 0, 2).unsqueeze(1) + 0.5 * size;
  const torch::Tensor new_centre = d.slice(2, 0, 2) * size + centre;  // [n, k, 2]
  const torch::Tensor half = 0.5 * torch::exp(d.slice(2, 2, 4).clamp_max(kMaxLogScale)) * size;
  return torch::cat({new_centre - half, new_centre + half}, 2).view(deltas.sizes());
}

}  // namespace necknode::models
