#pragma once

#include <vector>

#include "models/losses.h"
#include "models/ssd.h"

namespace necknode::models {

/// For each of the default boxes [A, 4] the index of its true box in [T, 4] or -1; int64 [A].
/// Boxes match the truth of the highest IoU where it is at least 0.5, and each truth has the box
/// that overlaps it most, whatever the IoU (Liu et al. 2016, section 2.2).
[[nodiscard]] torch::Tensor MatchDefaultBoxes(const torch::Tensor& anchors,
                                              const torch::Tensor& truth);

/// Cross entropy of the matched boxes (class 1) and of the three times as many background boxes of
/// the image that the network gets most wrong, and smooth L1 (beta 1) of the matched boxes' deltas,
/// each summed over the batch and divided by the number of matched boxes (at least 1). An image
/// without any truth teaches nothing, as published.
[[nodiscard]] DetectionLoss SsdLoss(const SsdOutput& output,
                                    const std::vector<torch::Tensor>& truths);

}  // namespace necknode::models
