#include "models/nms.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "core/error.h"
#include "models/box_ops.h"
#include "models/tensor_checks.h"

namespace necknode::models {
namespace {

/// Greedy pass over boxes sorted best first: `overlaps(i, j)` says whether i removes j (i before
/// j).
template <typename Overlaps>
std::vector<std::int64_t> GreedyPass(std::int64_t count, Overlaps overlaps) {
  std::vector<char> removed(static_cast<std::size_t>(count), 0);
  std::vector<std::int64_t> kept;
  for (std::int64_t i = 0; i < count; ++i) {
    if (removed[static_cast<std::size_t>(i)] != 0)
      continue;
    kept.push_back(i);
    for (std::int64_t j = i + 1; j < count; ++j) {
      char& gone = removed[static_cast<std::size_t>(j)];
      if (gone == 0 && overlaps(i, j))
        gone = 1;
    }
  }
  return kept;
}

template <typename Real>
std::vector<std::int64_t> KeptOnCpu(const torch::Tensor& sorted_boxes,
                                    const torch::Tensor& sorted_groups,
                                    double iou_threshold) {
  const std::int64_t count = sorted_boxes.size(0);
  const torch::Tensor columns = sorted_boxes.t().contiguous();  // [4, n]
  const Real* x0 = columns.data_ptr<Real>();
  const Real* y0 = x0 + count;
  const Real* x1 = y0 + count;
  const Real* y1 = x1 + count;
  const torch::Tensor areas = BoxArea(sorted_boxes).contiguous();
  const Real* area = areas.data_ptr<Real>();
  const std::int64_t* group = sorted_groups.data_ptr<std::int64_t>();
  return GreedyPass(count, [=](std::int64_t i, std::int64_t j) {
    if (group[i] != group[j])
      return false;
    const Real width = std::max(Real(0), std::min(x1[i], x1[j]) - std::max(x0[i], x0[j]));
    const Real height = std::max(Real(0), std::min(y1[i], y1[j]) - std::max(y0[i], y0[j]));
    const Real common = width * height;
    return static_cast<double>(common / (area[i] + area[j] - common)) > iou_threshold;
  });
}

/// The overlaps are computed on the device, the order-dependent pass runs on the host.
std::vector<std::int64_t> KeptOnDevice(const torch::Tensor& sorted_boxes,
                                       const torch::Tensor& sorted_groups,
                                       double iou_threshold) {
  const torch::Tensor same = sorted_groups.unsqueeze(1) == sorted_groups.unsqueeze(0);
  const torch::Tensor mask =
      ((BoxIou(sorted_boxes, sorted_boxes) > iou_threshold) & same).cpu().contiguous();  // [n, n]
  const bool* overlap = mask.data_ptr<bool>();
  const std::int64_t count = sorted_boxes.size(0);
  return GreedyPass(count, [=](std::int64_t i, std::int64_t j) { return overlap[i * count + j]; });
}

}  // namespace

torch::Tensor Nms(const torch::Tensor& boxes,
                  const torch::Tensor& scores,
                  double iou_threshold,
                  const torch::Tensor& groups) {
  CheckBoxes(boxes, "boxes");
  const std::int64_t count = boxes.size(0);
  if (!scores.defined() || scores.dim() != 1 || scores.size(0) != count) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "scores have shape " + ShapeText(scores) + ", expected [" + std::to_string(count) + "]");
  }
  if (groups.defined() &&
      (groups.dim() != 1 || groups.size(0) != count || groups.scalar_type() != torch::kLong)) {
    throw Error(ErrorCode::kInvalidArgument,
                "groups have shape " + ShapeText(groups) + ", expected int64 [" +
                    std::to_string(count) + "]");
  }
  const auto index_options = torch::TensorOptions(torch::kLong).device(boxes.device());
  if (count == 0)
    return torch::empty({0}, index_options);
  const torch::Tensor order =
      std::get<1>(scores.detach().sort(/*stable=*/true, /*dim=*/0, /*descending=*/true));
  const torch::Tensor sorted_boxes = boxes.detach().index_select(0, order);
  const torch::Tensor sorted_groups =
      groups.defined() ? groups.index_select(0, order) : torch::zeros({count}, index_options);
  std::vector<std::int64_t> kept;
  if (!boxes.is_cpu()) {
    kept = KeptOnDevice(sorted_boxes, sorted_groups, iou_threshold);
  } else if (boxes.scalar_type() == torch::kDouble) {
    kept = KeptOnCpu<double>(sorted_boxes, sorted_groups, iou_threshold);
  } else {
    kept = KeptOnCpu<float>(sorted_boxes.to(torch::kFloat32), sorted_groups, iou_threshold);
  }
  return order.index_select(0, torch::tensor(kept, torch::kLong).to(boxes.device()));
}

}  // namespace necknode::models
