#include "core/volume.h"

#include "core/error.h"

namespace necknode {

Volume::Volume(const VolumeGrid& grid) : grid_(grid) {
  if (grid.columns <= 0 || grid.rows <= 0 || grid.slices <= 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "a volume of " + std::to_string(grid.columns) + " x " + std::to_string(grid.rows) +
                    " x " + std::to_string(grid.slices) + " voxels");
  }
  hu_.assign(static_cast<std::size_t>(grid.columns) * static_cast<std::size_t>(grid.rows) *
                 static_cast<std::size_t>(grid.slices),
             kAirHu);
}

std::span<std::int16_t> Volume::Slice(int z) {
  return std::span(hu_).subspan(
      Index(0, 0, z),
      static_cast<std::size_t>(grid_.columns) * static_cast<std::size_t>(grid_.rows));
}

std::span<const std::int16_t> Volume::Slice(int z) const {
  return std::span(hu_).subspan(
      Index(0, 0, z),
      static_cast<std::size_t>(grid_.columns) * static_cast<std::size_t>(grid_.rows));
}

std::size_t Volume::Index(int x, int y, int z) const {
  return (static_cast<std::size_t>(z) * static_cast<std::size_t>(grid_.rows) +
          static_cast<std::size_t>(y)) *
             static_cast<std::size_t>(grid_.columns) +
         static_cast<std::size_t>(x);
}

}  // namespace necknode
