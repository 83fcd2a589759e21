#include "models/statistics.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "core/error.h"

namespace necknode::models {

McNemarTest McNemarExact(std::int64_t only_first, std::int64_t only_second) {
  if (only_first < 0 || only_second < 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "McNemar's test of " + std::to_string(only_first) + " and " +
                    std::to_string(only_second) + " discordant cases");
  }
  const auto n = static_cast<double>(only_first + only_second);
  const std::int64_t smaller = std::min(only_first, only_second);
  double tail = 0;
  // Logarithms: the coefficients of thousands of cases are beyond a double.
  for (std::int64_t i = 0; i <= smaller; ++i) {
    const auto k = static_cast<double>(i);
    tail += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) -
                     n * std::log(2.0));
  }
  return {only_first, only_second, std::min(1.0, 2 * tail)};
}

std::vector<std::vector<int>> ResamplePatients(int patients, int rounds, std::uint64_t seed) {
  std::vector<std::vector<int>> resamples;
  if (patients <= 0) {
    return resamples;
  }
  std::mt19937_64 random(seed);
  for (int round = 0; round < rounds; ++round) {
    std::vector<int> drawn(static_cast<std::size_t>(patients), 0);
    for (int draw = 0; draw < patients; ++draw) {
      ++drawn[static_cast<std::size_t>(random() % static_cast<std::uint64_t>(patients))];
    }
    resamples.push_back(std::move(drawn));
  }
  return resamples;
}

Interval PercentileInterval(double value, std::vector<double> resampled, std::int64_t patients) {
  if (resampled.empty()) {
    return {value, 0, 1};
  }
  std::sort(resampled.begin(), resampled.end());
  if (resampled.front() == resampled.back()) {
    const auto found = std::llround(value * static_cast<double>(patients));
    const Interval wilson = WilsonInterval(found, patients);
    return {value, std::min(value, wilson.low), std::max(value, wilson.high)};
  }
  const auto last = static_cast<double>(resampled.size() - 1);
  return {value,
          resampled[static_cast<std::size_t>(std::floor(0.025 * last))],
          resampled[static_cast<std::size_t>(std::ceil(0.975 * last))]};
}

}  // namespace necknode::models
