#include "models/losses.h"

#include <algorithm>
#include <string>

#include "core/error.h"

namespace necknode::models {
namespace {

namespace F = torch::nn::functional;

void Check(bool fits, const std::string& what) {
  if (!fits) {
    throw Error(ErrorCode::kInternal, "loss: " + what);
  }
}

}  // namespace

torch::Tensor SmoothL1Sum(const torch::Tensor& found, const torch::Tensor& wanted, double beta) {
  const auto distance = (found - wanted).abs();
  return torch::where(distance < beta, 0.5 * distance * distance / beta, distance - 0.5 * beta)
      .sum();
}

DetectionLoss RpnLoss(const torch::Tensor& objectness,
                      const torch::Tensor& deltas,
                      const torch::Tensor& wanted,
                      double lambda) {
  const auto sampled = objectness.numel();
  const auto positives = deltas.size(0);
  Check(positives <= sampled && deltas.sizes() == wanted.sizes() && deltas.size(1) == 4,
        "RPN with " + std::to_string(sampled) + " anchors, " + std::to_string(positives) +
            " positive");
  if (sampled == 0) {
    return {objectness.sum(), deltas.sum()};
  }
  auto labels = torch::zeros_like(objectness);
  labels.slice(0, 0, positives).fill_(1);
  const auto count = static_cast<double>(sampled);
  return {F::binary_cross_entropy_with_logits(objectness, labels),
          SmoothL1Sum(deltas, wanted, 1.0 / 9) * (lambda / count)};
}

DetectionLoss HeadLoss(const torch::Tensor& logits,
                       const torch::Tensor& deltas,
                       const torch::Tensor& labels,
                       const torch::Tensor& wanted,
                       double lambda,
                       double beta) {
  const auto sampled = logits.size(0);
  const auto classes = logits.size(1);
  Check(deltas.size(0) == sampled && deltas.size(1) == 4 * classes && labels.size(0) == sampled &&
            wanted.size(0) == sampled && wanted.size(1) == 4,
        "head with " + std::to_string(sampled) + " proposals, " + std::to_string(classes) +
            " classes");
  if (sampled == 0) {
    return {logits.sum(), deltas.sum()};
  }
  const auto foreground = (labels > 0).nonzero().flatten();
  const auto own_class = labels.index_select(0, foreground);
  const auto of_class = deltas.view({sampled, classes, 4}).index({foreground, own_class});
  const auto count = static_cast<double>(sampled);
  return {F::cross_entropy(logits, labels),
          SmoothL1Sum(of_class, wanted.index_select(0, foreground), beta) * (lambda / count)};
}

torch::Tensor MalignancyLoss(const torch::Tensor& logits,
                             const torch::Tensor& malignant,
                             double smoothing) {
  Check(logits.sizes() == malignant.sizes() && logits.numel() > 0,
        "classifier with " + std::to_string(logits.numel()) + " logits, " +
            std::to_string(malignant.numel()) + " targets");
  const auto targets = malignant.to(logits.dtype()) * (1 - smoothing) + smoothing / 2;
  return F::binary_cross_entropy_with_logits(logits, targets);
}

}  // namespace necknode::models
