#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace necknode::pipeline {

/// The one-to-one assignment of rows to columns with the smallest sum of costs (Kuhn 1955, in
/// O(n^3)). `costs[row][column]` must be finite; each row has the same number of columns, which may
/// be 0. A row may stay alone for `alone`: no pair that costs more is made. Of equally good
/// assignments always the same one. One entry per row: its column, or nullopt.
[[nodiscard]] std::vector<std::optional<std::size_t>> AssignOptimally(
    const std::vector<std::vector<double>>& costs, double alone);

}  // namespace necknode::pipeline
