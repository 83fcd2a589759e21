#pragma once

#include <cmath>
#include <cstdlib>
#include <string>

namespace necknode::app {

/// A check for options: refuses what is no finite number. CLI::Range lets NaN through, which
/// compares with nothing.
[[nodiscard]] inline std::string IsFinite(const std::string& value) {
  return std::isfinite(std::strtod(value.c_str(), nullptr)) ? "" : value + " is not a number";
}

}  // namespace necknode::app
