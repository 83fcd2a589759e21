#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "core/lymph_node.h"
#include "core/volume.h"

namespace necknode::tests {

/// An ellipsoid whose measures are known, in surroundings as nodes have them.
struct EllipseScene {
  double short_mm = 8, long_mm = 11;  ///< axial axes in the middle slice
  double angle = 0;                   ///< of the long axis, radians
  double height_mm = 12;              ///< along the slices
  double node_hu = 90;
  double offset_x_mm = 0, offset_y_mm = 0;  ///< of the centre, against the pixel grid
  bool vessel = false;                      ///< of 180 HU, touching
  bool muscle = false;                      ///< of 60 HU, behind, touching
  double noise_hu = 10;
  unsigned seed = 1;
  double pixel_mm = 0.45, slice_mm = 2;
  int slices = 9;
  double box_error_mm = 0;  ///< each box edge is off by up to this
};

struct EllipseCase {
  Volume volume;
  LymphNode node;
};

inline VolumeGrid SmallGrid(int size, int slices, double pixel_mm, double slice_mm) {
  VolumeGrid grid;
  grid.columns = grid.rows = size;
  grid.slices = slices;
  grid.column_spacing_mm = grid.row_spacing_mm = pixel_mm;
  grid.slice_spacing_mm = slice_mm;
  grid.first = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}};
  return grid;
}

/// Draws the scene with partial volume and noise; the node's boxes are the ellipsoid's own, one per
/// slice it meets.
inline EllipseCase Draw(const EllipseScene& scene) {
  constexpr int kSize = 100, kSub = 4;
  EllipseCase drawn{Volume(SmallGrid(kSize, scene.slices, scene.pixel_mm, scene.slice_mm)), {}};
  std::mt19937_64 random(scene.seed);
  std::normal_distribution<double> noise(0, scene.noise_hu);
  std::uniform_real_distribution<double> off(-scene.box_error_mm, scene.box_error_mm);
  const double cx = kSize * scene.pixel_mm / 2 + scene.offset_x_mm,
               cy = kSize * scene.pixel_mm / 2 + scene.offset_y_mm;
  const double cos = std::cos(scene.angle), sin = std::sin(scene.angle);
  const double a = scene.long_mm / 2, b = scene.short_mm / 2;
  const double half_x = std::hypot(a * cos, b * sin), half_y = std::hypot(a * sin, b * cos);
  for (int z = 0; z < scene.slices; ++z) {
    const double dz = (z - scene.slices / 2) * scene.slice_mm / (scene.height_mm / 2);
    const double shrink = std::abs(dz) < 1 ? std::sqrt(1 - dz * dz) : 0;
    const auto hu_at = [&](double x, double y) {
      const double u = (x * cos + y * sin) / a, v = (y * cos - x * sin) / b;
      if (shrink > 0 && u * u + v * v <= shrink * shrink)
        return scene.node_hu;
      if (scene.vessel && std::hypot(x - half_x - 3.5, y) <= 3.5)
        return 180.0;
      if (scene.muscle && y > half_y)
        return 60.0;
      return -100.0;
    };
    for (int j = 0; j < kSize; ++j) {
      for (int i = 0; i < kSize; ++i) {
        double sum = 0;
        for (int s = 0; s < kSub * kSub; ++s) {
          sum += hu_at((i + (s % kSub + 0.5) / kSub) * scene.pixel_mm - cx,
                       (j + (s / kSub + 0.5) / kSub) * scene.pixel_mm - cy);
        }
        drawn.volume.At(i, j, z) =
            static_cast<std::int16_t>(std::lround(sum / (kSub * kSub) + noise(random)));
      }
    }
    if (shrink < 0.4)
      continue;
    NodeBox box;
    box.slice = z;
    box.score = 0.9;
    box.box = {(cx - half_x * shrink + off(random)) / scene.pixel_mm,
               (cy - half_y * shrink + off(random)) / scene.pixel_mm,
               (cx + half_x * shrink + off(random)) / scene.pixel_mm,
               (cy + half_y * shrink + off(random)) / scene.pixel_mm};
    drawn.node.boxes.push_back(box);
  }
  drawn.node.key_slice = scene.slices / 2;
  return drawn;
}

}  // namespace necknode::tests
