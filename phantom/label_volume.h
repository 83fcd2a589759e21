#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace necknode::phantom {

/// Labels of the atlas, laid out [z][y][x]: x to the patient's right, y to the front, z to the
/// head.
struct LabelVolume {
  int nx = 0, ny = 0, nz = 0;
  std::vector<std::uint8_t> labels;

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
