#include "sr_writer/coronal_projection.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace necknode::sr_writer {
namespace {

/// Voxel indices of a patient position: its inverse of VolumeGrid::ToPatient.
Vec3 ToVoxel(const VolumeGrid& grid, const Vec3& position) {
  const Vec3 offset = position - grid.first.position;
  return {Dot(offset, grid.first.row_direction) / grid.column_spacing_mm,
          Dot(offset, grid.first.column_direction) / grid.row_spacing_mm,
          Dot(offset, grid.first.Normal()) / grid.slice_spacing_mm};
}

// Water 1, air 0, bone threefold beyond soft tissue.
float Weight(int hu) {
  constexpr int kNoise = -900, kBone = 150;
  if (hu < kNoise)
    return 0;
  const int bone = std::max(0, hu - kBone);
  return static_cast<float>(hu + 1000 + 2 * bone) / 1000.0F;
}

class Sampler {
 public:
  Sampler(const Volume& volume, int first, int last)
      : volume_(volume), grid_(volume.grid()), first_(first), last_(last) {}

  /// Nearest in the slice, linear between slices; 0 outside.
  [[nodiscard]] float At(const Vec3& voxel) const {
    const int x = static_cast<int>(std::lround(voxel.x));
    const int y = static_cast<int>(std::lround(voxel.y));
    if (x < 0 || y < 0 || x >= grid_.columns || y >= grid_.rows || voxel.z < first_ - 0.5 ||
        voxel.z > last_ + 0.5)
      return 0;
    const double z = std::clamp(voxel.z, double(first_), double(last_));
    const int below = std::min(static_cast<int>(z), std::max(first_, last_ - 1));
    const int above = std::min(below + 1, last_);
    const auto part = static_cast<float>(z - below);
    return (1 - part) * Weight(volume_.At(x, y, below)) + part * Weight(volume_.At(x, y, above));
  }

 private:
  const Volume& volume_;
  const VolumeGrid& grid_;
  int first_, last_;
};

}  // namespace

PatientExtent ExtentOf(const VolumeGrid& grid, int first, int last) {
  constexpr double kFar = std::numeric_limits<double>::max();
  PatientExtent extent{{kFar, kFar, kFar}, {-kFar, -kFar, -kFar}};
  for (const double x : {-0.5, grid.columns - 0.5}) {
    for (const double y : {-0.5, grid.rows - 0.5}) {
      for (const double z : {first - 0.5, last + 0.5}) {
        const Vec3 corner = grid.ToPatient(x, y, z);
        extent.low = {std::min(extent.low.x, corner.x),
                      std::min(extent.low.y, corner.y),
                      std::min(extent.low.z, corner.z)};
        extent.high = {std::max(extent.high.x, corner.x),
                       std::max(extent.high.y, corner.y),
                       std::max(extent.high.z, corner.z)};
      }
    }
  }
  return extent;
}

std::vector<float> ProjectCoronally(const Volume& volume,
                                    int first,
                                    int last,
                                    const CoronalView& view) {
  const VolumeGrid& grid = volume.grid();
  const PatientExtent extent = ExtentOf(grid, first, last);
  const double step_mm = std::max(1.0, view.mm_per_pixel);
  const Sampler sampler(volume, first, last);
  std::vector<float> paths(static_cast<std::size_t>(view.rows) *
                           static_cast<std::size_t>(view.columns));
  for (int row = 0; row < view.rows; ++row) {
    const auto line = paths.begin() + std::ptrdiff_t{row} * view.columns;
    const double z_mm = view.top_mm - (row + 0.5) * view.mm_per_pixel;
    // Columns innermost: they lie side by side in memory.
    for (double y_mm = extent.low.y + step_mm / 2; y_mm < extent.high.y; y_mm += step_mm) {
      const double left_mm = view.left_mm + view.mm_per_pixel / 2;
      const Vec3 start = ToVoxel(grid, {left_mm, y_mm, z_mm});
      const Vec3 step = ToVoxel(grid, {left_mm + view.mm_per_pixel, y_mm, z_mm}) - start;
      for (int column = 0; column < view.columns; ++column)
        line[column] += sampler.At(start + step * column) * static_cast<float>(step_mm);
    }
  }
  return paths;
}

}  // namespace necknode::sr_writer
