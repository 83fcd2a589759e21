#pragma once

#include <cstdint>

#include <torch/torch.h>

namespace necknode::models {

inline constexpr std::int64_t kMatchedBackground = -1;
inline constexpr std::int64_t kMatchedNothing =
    -2;  ///< between the thresholds: neither positive nor negative

/// Which IoU makes a candidate (anchor or proposal) positive.
struct MatchThresholds {
  double low = 0.3;   ///< below: background
  double high = 0.7;  ///< at or above: matched
  bool best_for_each_truth =
      true;  ///< candidates of a truth's highest IoU match whatever it is (Ren et al. 2015, 3.1.2)
};

/// For each of the candidates [A, 4] the index of its true box in [T, 4], kMatchedBackground or
/// kMatchedNothing; int64 [A], on the candidates' device.
[[nodiscard]] torch::Tensor MatchCandidates(const torch::Tensor& candidates,
                                            const torch::Tensor& truth,
                                            const MatchThresholds& thresholds);

/// Indices (int64, ascending) of the candidates that take part in the loss.
struct SampledCandidates {
  torch::Tensor positives;
  torch::Tensor negatives;
  [[nodiscard]] torch::Tensor All() const { return torch::cat({positives, negatives}); }
};

/// Draws at most `count` matched candidates, at most `positive_fraction` of them positive and the
/// rest background; fewer positives are made up by background. The same `seed` draws the same on
/// every device.
[[nodiscard]] SampledCandidates SampleCandidates(const torch::Tensor& matches,
                                                 std::int64_t count,
                                                 double positive_fraction,
                                                 std::uint64_t seed);

}  // namespace necknode::models
