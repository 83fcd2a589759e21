#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/axial_view.h"

namespace necknode::pipeline {

/// One connected piece of dense tissue: a bone, calcified cartilage, a well filled artery. In cells
/// of the view that it was found in.
struct SolidPart {
  struct Cell {
    std::int16_t column, row, k;
  };
  std::vector<Cell> cells;
  Cell low{INT16_MAX, INT16_MAX, INT16_MAX}, high{-1, -1, -1};  ///< corners, inclusive
};

/// The parts above `hu`, connected through faces (edges too within a slice), largest first; parts
/// of fewer than `min_cells` cells are left out.
[[nodiscard]] std::vector<SolidPart> FindSolidParts(const AxialView& view, int hu, int min_cells);

}  // namespace necknode::pipeline
