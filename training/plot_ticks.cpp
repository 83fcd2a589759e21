#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"
#include "training/plot_canvas.h"

namespace necknode::training {
namespace {

void CheckRange(double low, double high) {
  if (!std::isfinite(low) || !std::isfinite(high) || !(low < high)) {
    throw Error(ErrorCode::kInvalidArgument,
                "an axis from " + std::to_string(low) + " to " + std::to_string(high));
  }
}

}  // namespace

std::vector<double> RoundTicks(double low, double high, int about) {
  CheckRange(low, high);
  const double rough = (high - low) / std::max(1, about);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (rough <= factor * power * 1.0001) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks;
  const double slack = 1e-9 * (high - low);
  for (double i = std::ceil((low - slack) / step); i * step <= high + slack; ++i) {
    ticks.push_back(i == 0 ? 0 : i * step);
  }
  return ticks;
}

std::vector<double> LogTicks(double low, double high) {
  CheckRange(low, high);
  if (!(low > 0)) {
    throw Error(ErrorCode::kInvalidArgument,
                "a logarithmic axis that begins at " + std::to_string(low));
  }
  constexpr double kManyDecades = 2.5;
  const bool dense = std::log10(high / low) < kManyDecades;
  std::vector<double> ticks;
  for (double power = std::floor(std::log10(low)); power <= std::ceil(std::log10(high)); ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10, power);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9) && (factor == 1 || dense)) {
        ticks.push_back(value);
      }
    }
  }
  return ticks;
}

}  // namespace necknode::training
