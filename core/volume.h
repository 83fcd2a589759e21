#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/geometry.h"

namespace necknode {

/// A CT volume in Hounsfield units, int16, laid out [slice][row][column]. Padding and everything
/// outside the scanned field is kAirHu or lower.
class Volume {
 public:
  static constexpr std::int16_t kAirHu = -1024;

  Volume() = default;
  /// All voxels kAirHu. Throws Error(kInvalidArgument) where a dimension is not positive.
  explicit Volume(const VolumeGrid& grid);

  [[nodiscard]] const VolumeGrid& grid() const { return grid_; }
  [[nodiscard]] std::span<std::int16_t> Slice(int z);
  [[nodiscard]] std::span<const std::int16_t> Slice(int z) const;
  [[nodiscard]] std::int16_t& At(int x, int y, int z) { return hu_[Index(x, y, z)]; }
  [[nodiscard]] std::int16_t At(int x, int y, int z) const { return hu_[Index(x, y, z)]; }
  [[nodiscard]] std::span<std::int16_t> voxels() { return hu_; }
  [[nodiscard]] std::span<const std::int16_t> voxels() const { return hu_; }

 private:
  [[nodiscard]] std::size_t Index(int x, int y, int z) const;
  VolumeGrid grid_;
  std::vector<std::int16_t> hu_;
};

}  // namespace necknode
