#include "models/sampler.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "models/box_ops.h"

namespace necknode::models {
namespace {

/// `count` of the indices where `mask` [A] holds, ascending; drawn by a partial shuffle on the CPU.
torch::Tensor Draw(const torch::Tensor& mask, std::int64_t count, std::mt19937_64& random) {
  const torch::Tensor found = mask.nonzero().flatten().to(torch::kCPU).contiguous();
  const std::int64_t* begin = found.data_ptr<std::int64_t>();
  std::vector<std::int64_t> indices(begin, begin + found.numel());
  const auto wanted = static_cast<std::size_t>(std::min(count, found.numel()));
  for (std::size_t i = 0; i < wanted; ++i) {
    std::swap(indices[i], indices[i + random() % (indices.size() - i)]);
  }
  indices.resize(wanted);
  std::sort(indices.begin(), indices.end());
  return torch::tensor(indices, torch::kInt64).to(mask.device());
}

}  // namespace

torch::Tensor MatchCandidates(const torch::Tensor& candidates,
                              const torch::Tensor& truth,
                              const MatchThresholds& thresholds) {
  const auto options = torch::TensorOptions(torch::kInt64).device(candidates.device());
  if (truth.size(0) == 0 || candidates.size(0) == 0) {
    return torch::full({candidates.size(0)}, kMatchedBackground, options);
  }
  const auto iou = BoxIou(truth, candidates);
  const auto [best_iou, best_truth] = iou.max(0);
  auto matches = best_truth.clone();
  matches.masked_fill_(best_iou < thresholds.high, kMatchedNothing);
  matches.masked_fill_(best_iou < thresholds.low, kMatchedBackground);
  if (thresholds.best_for_each_truth) {
    const auto highest = std::get<0>(iou.max(1, true));
    const auto is_highest = ((iou == highest) & (highest > 0)).any(0);
    matches = torch::where(is_highest, best_truth, matches);
  }
  return matches;
}

SampledCandidates SampleCandidates(const torch::Tensor& matches,
                                   std::int64_t count,
                                   double positive_fraction,
                                   std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto most = static_cast<std::int64_t>(static_cast<double>(count) * positive_fraction);
  SampledCandidates sampled;
  sampled.positives = Draw(matches >= 0, most, random);
  sampled.negatives =
      Draw(matches == kMatchedBackground, count - sampled.positives.numel(), random);
  return sampled;
}

}  // namespace necknode::models
