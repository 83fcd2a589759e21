#pragma once

#include <cstdint>
#include <vector>

#include "models/metrics.h"

namespace necknode::models {

/// Two judges of the same cases: how many of them only the one judged rightly.
struct McNemarTest {
  std::int64_t only_first = 0, only_second = 0;
  double p = 1;  ///< two-sided, exact
};

/// McNemar's test in its exact form (McNemar, Psychometrika 1947): under the hypothesis that both
/// are right equally often, the discordant cases fall to either side like a fair coin. p is twice
/// the smaller tail of the binomial distribution, at most 1. Throws Error(kInvalidArgument) on a
/// negative count.
[[nodiscard]] McNemarTest McNemarExact(std::int64_t only_first, std::int64_t only_second);

/// `rounds` resamples of `patients` patients with replacement: how often each one is drawn. The
/// same `seed` draws the same everywhere. Images of one patient resemble each other, so that
/// patients, not images, are drawn.
[[nodiscard]] std::vector<std::vector<int>> ResamplePatients(int patients,
                                                             int rounds,
                                                             std::uint64_t seed);

/// The share `value` with the 2.5 and 97.5 percentiles of `resampled`; {value, 0, 1} where there
/// are none. Where all agree (everything found, or nothing), the bootstrap is silent about what a
/// further patient would bring: then Wilson's interval of `patients` cases.
[[nodiscard]] Interval PercentileInterval(double value,
                                          std::vector<double> resampled,
                                          std::int64_t patients);

}  // namespace necknode::models
