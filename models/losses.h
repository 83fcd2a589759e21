#pragma once

#include <torch/torch.h>

namespace necknode::models {

/// The two parts of a detection loss, scalars with gradient; the box part is already multiplied by
/// lambda.
struct DetectionLoss {
  torch::Tensor classification;
  torch::Tensor box;
};

/// Smooth L1 (Huber's loss over beta): 0.5 d^2 / beta where |d| < beta, |d| - beta / 2 elsewhere;
/// summed.
[[nodiscard]] torch::Tensor SmoothL1Sum(const torch::Tensor& found,
                                        const torch::Tensor& wanted,
                                        double beta);

/// Loss of the region proposal network over the sampled anchors of a batch, the positive ones
/// first: binary cross entropy of `objectness` [N] (logits), meaned, and lambda times the smooth L1
/// (beta 1/9) of `deltas` [P, 4] of the positive anchors against `wanted` [P, 4], over N. The paper
/// writes lambda = 10 with the box part over the number of anchor places (about 2,400), where the
/// class part is over 256: both come to nearly equal weights, which is lambda = 1 here, where both
/// are over the sampled anchors. Parts of nothing are 0.
[[nodiscard]] DetectionLoss RpnLoss(const torch::Tensor& objectness,
                                    const torch::Tensor& deltas,
                                    const torch::Tensor& wanted,
                                    double lambda = 1);

/// Loss of the second stage over the sampled proposals: cross entropy of `logits` [N, classes] with
/// `labels` [N] (int64, 0 background), meaned, and lambda times the smooth L1 (`beta`) of the
/// deltas that `deltas` [N, 4 * classes] holds for each foreground proposal's own class against
/// `wanted` [N, 4], over N ("[u >= 1]" in the paper).
[[nodiscard]] DetectionLoss HeadLoss(const torch::Tensor& logits,
                                     const torch::Tensor& deltas,
                                     const torch::Tensor& labels,
                                     const torch::Tensor& wanted,
                                     double lambda = 1,
                                     double beta = 1);

/// Loss of the classifier: binary cross entropy of `logits` [N] (log odds of malignant) with
/// `malignant` [N] (0 or 1, any type), where `smoothing` moves the targets towards 0.5 (0: not).
[[nodiscard]] torch::Tensor MalignancyLoss(const torch::Tensor& logits,
                                           const torch::Tensor& malignant,
                                           double smoothing = 0);

}  // namespace necknode::models
