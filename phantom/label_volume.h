#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace necknode::phantom {

/// Labels of the atlas, laid out [z][y][x]: x to the patient's right, y to the front, z to the
/// head.
struct LabelVolume {
  /// Where a label lies, inclusive; `high` is below `low` for a label that does not occur.
  struct Bounds {
    std::array<int, 3> low = {1 << 30, 1 << 30, 1 << 30}, high = {-1, -1, -1};
  };

  int nx = 0, ny = 0, nz = 0;
  std::vector<std::uint8_t> labels;
  std::array<Bounds, 256> bounds;  ///< of each label but 0

  [[nodiscard]] std::uint8_t At(int x, int y, int z) const {
    return labels[(static_cast<std::size_t>(z) * static_cast<std::size_t>(ny) +
                   static_cast<std::size_t>(y)) *
                      static_cast<std::size_t>(nx) +
                  static_cast<std::size_t>(x)];
  }
};

/// Reads a gzip NRRD of little-endian int16 labels 0 to 255 with three axes of at most 1024 voxels.
/// Throws Error(kParse) where the bytes are anything else, cut off, or damaged.
[[nodiscard]] LabelVolume ReadLabels(std::span<const std::byte> nrrd);

}  // namespace necknode::phantom
