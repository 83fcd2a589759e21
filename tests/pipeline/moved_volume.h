#pragma once

#include <cmath>
#include <numbers>
#include <random>

#include "core/volume.h"
#include "pipeline/register_prior.h"

namespace necknode::tests {

/// How a patient lies in a later study: turned (degrees about the axes of the patient, first x) and
/// shifted (mm) against the earlier one; `bend_degrees` more of a nod between the lower and the
/// upper end of the volume.
struct Motion {
  Vec3 turn_degrees, shift_mm;
  double bend_degrees = 0;
};

/// A place of the patient that grew: `factor` times as wide at `centre` (mm, earlier study),
/// unchanged from `reach_mm` on.
struct Growth {
  Vec3 centre;
  double factor = 1, reach_mm = 12;
};

inline Vec3 Middle(const VolumeGrid& grid) {
  return grid.ToPatient((grid.columns - 1) / 2.0, (grid.rows - 1) / 2.0, (grid.slices - 1) / 2.0);
}

/// Where a place of the later study lies in the earlier one, whose volume is `earlier`.
inline Vec3 ToEarlier(const Vec3& later, const Motion& motion, const VolumeGrid& earlier) {
  constexpr double kDegree = std::numbers::pi / 180;
  const Vec3 middle = Middle(earlier);
  Vec3 d = later - motion.shift_mm - middle;
  const double height = earlier.slices * earlier.slice_spacing_mm;
  const auto turn = [&](double& a, double& b, double degrees) {
    const double c = std::cos(degrees * kDegree), s = std::sin(degrees * kDegree);
    const double to_a = c * a - s * b, to_b = s * a + c * b;
    a = to_a;
    b = to_b;
  };
  turn(d.y, d.z, motion.turn_degrees.x + motion.bend_degrees * d.z / height);
  turn(d.z, d.x, motion.turn_degrees.y);
  turn(d.x, d.y, motion.turn_degrees.z);
  return d + middle;
}

inline double ValueAt(const Volume& volume, const Vec3& place) {
  const VolumeGrid& grid = volume.grid();
  const Vec3 d = place - grid.first.position;
  const double x = d.x / grid.column_spacing_mm, y = d.y / grid.row_spacing_mm,
               z = d.z / grid.slice_spacing_mm;
  const int ix = static_cast<int>(std::floor(x)), iy = static_cast<int>(std::floor(y)),
            iz = static_cast<int>(std::floor(z));
  if (ix < 0 || iy < 0 || iz < 0 || ix + 1 >= grid.columns || iy + 1 >= grid.rows ||
      iz + 1 >= grid.slices)
    return -1000;
  double value = 0;
  for (int corner = 0; corner < 8; ++corner) {
    const int i = corner & 1, j = corner >> 1 & 1, k = corner >> 2;
    const double weight =
        std::abs(1 - i - (x - ix)) * std::abs(1 - j - (y - iy)) * std::abs(1 - k - (z - iz));
    value += weight * volume.At(ix + i, iy + j, iz + k);
  }
  return value;
}

/// A later study of the patient in `earlier`, an axial volume, with noise of its own of 8 HU: its
/// slices `first` to `last`, shifted by the motion.
inline Volume Moved(
    const Volume& earlier, const Motion& motion, int first, int last, const Growth& growth = {}) {
  VolumeGrid grid = earlier.grid();
  grid.slices = last - first + 1;
  grid.first.position = grid.ToPatient(0, 0, first) + motion.shift_mm;
  Volume later(grid);
  std::mt19937_64 random(7);
  std::normal_distribution<double> noise(0, 8);
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x) {
        Vec3 place = ToEarlier(grid.ToPatient(x, y, z), motion, earlier.grid());
        const double off = Norm(place - growth.centre) / growth.reach_mm;
        if (off < 1) {
          const double shrink = std::lerp(1 / growth.factor, 1.0, off * off * off);
          place = growth.centre + (place - growth.centre) * shrink;
        }
        later.At(x, y, z) =
            static_cast<std::int16_t>(std::lround(ValueAt(earlier, place) + noise(random)));
      }
    }
  }
  return later;
}

/// Slices `first` to `last` of a volume.
inline Volume Cropped(const Volume& volume, int first, int last) {
  VolumeGrid grid = volume.grid();
  grid.slices = last - first + 1;
  grid.first.position = grid.ToPatient(0, 0, first);
  Volume cropped(grid);
  for (int z = first; z <= last; ++z)
    std::ranges::copy(volume.Slice(z), cropped.Slice(z - first).begin());
  return cropped;
}

}  // namespace necknode::tests
