#pragma once

#include <optional>
#include <vector>

#include "phantom/lymph_nodes.h"
#include "phantom/phantom.h"

namespace necknode::phantom {

/// Cuts thinner than this in their smaller diameter are not part of the truth: nobody could see
/// them.
inline constexpr double kThinnestVisibleMm = 3.2;

/// Shape of a node's cut through one slice.
struct Cut {
  Box box;  ///< pixel edges, tight around the visible pixels
  double short_mm = 0, long_mm = 0;
  int pixels = 0;
};

/// Measures the pixels (row-major indices) of one cut; nullopt where it is too thin to be seen.
[[nodiscard]] std::optional<Cut> MeasureCut(const std::vector<int>& pixels,
                                            int columns,
                                            double spacing_mm);

}  // namespace necknode::phantom
