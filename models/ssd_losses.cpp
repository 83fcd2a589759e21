#include "models/ssd_losses.h"

#include <algorithm>
#include <tuple>

#include "models/box_ops.h"

namespace necknode::models {
namespace {

constexpr double kMatchIou = 0.5;
constexpr std::int64_t kNegativesAPositive = 3;
constexpr std::int64_t kNodeClass = 1;

}  // namespace

torch::Tensor MatchDefaultBoxes(const torch::Tensor& anchors, const torch::Tensor& truth) {
  const auto options = torch::TensorOptions(torch::kInt64).device(anchors.device());
  if (truth.size(0) == 0)
    return torch::full({anchors.size(0)}, -1, options);
  const torch::Tensor iou = BoxIou(truth, anchors);  // [T, A]
  const auto [best_iou, best_truth] = iou.max(0);
  const torch::Tensor matches =
      torch::where(best_iou >= kMatchIou, best_truth, torch::full_like(best_truth, -1));
  return matches.index_put({iou.argmax(1)}, torch::arange(truth.size(0), options));
}

DetectionLoss SsdLoss(const SsdOutput& output, const std::vector<torch::Tensor>& truths) {
  namespace F = torch::nn::functional;
  const torch::Tensor anchors = output.anchors;
  torch::Tensor class_sum = output.logits.sum() * 0, box_sum = output.deltas.sum() * 0;
  std::int64_t matched = 0;
  for (std::size_t i = 0; i < truths.size(); ++i) {
    const auto image = static_cast<std::int64_t>(i);
    const torch::Tensor truth = truths[i].to(anchors.scalar_type());
    const torch::Tensor matches = MatchDefaultBoxes(anchors, truth);
    const torch::Tensor positive = matches >= 0;
    const torch::Tensor index = torch::nonzero(positive).view(-1);
    if (index.size(0) == 0)
      continue;
    matched += index.size(0);
    const torch::Tensor wanted = EncodeBoxes(truth.index_select(0, matches.index_select(0, index)),
                                             anchors.index_select(0, index),
                                             kSsdWeights);
    box_sum = box_sum + SmoothL1Sum(output.deltas[image].index_select(0, index), wanted, 1);
    const torch::Tensor entropy =
        F::cross_entropy(output.logits[image],
                         positive.to(torch::kInt64) * kNodeClass,
                         F::CrossEntropyFuncOptions().reduction(torch::kNone));  // [A]
    const torch::Tensor background = torch::nonzero(~positive).view(-1);
    const torch::Tensor of_background = entropy.index_select(0, background);
    const std::int64_t hardest = std::min(kNegativesAPositive * index.size(0), background.size(0));
    class_sum = class_sum + entropy.index_select(0, index).sum() +
                std::get<0>(of_background.topk(hardest)).sum();
  }
  const auto count = static_cast<double>(std::max<std::int64_t>(1, matched));
  return {class_sum / count, box_sum / count};
}

}  // namespace necknode::models
