#include "phantom/shapes.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace necknode::phantom {
namespace {

constexpr std::array<std::array<float, 2>, 10> kMidline = {{{0, 117},
                                                            {30, 117},
                                                            {45, 120},
                                                            {58, 121},
                                                            {72, 122},
                                                            {80, 123},
                                                            {87, 126},
                                                            {98, 127},
                                                            {114, 125},
                                                            {130, 124}}};

Section Interpolate(const std::vector<Section>& sections, float z) {
  std::size_t next = 1;
  while (next + 1 < sections.size() && sections[next].z < z) {
    ++next;
  }
  const Section& a = sections[next - 1];
  const Section& b = sections[next];
  const float t = std::clamp((z - a.z) / (b.z - a.z), 0.0F, 1.0F);
  const auto mix = [t](float from, float to) { return from + (to - from) * t; };
  return {z,
          mix(a.dx, b.dx),
          mix(a.y, b.y),
          mix(a.half_x, b.half_x),
          mix(a.half_y, b.half_y),
          mix(a.slope, b.slope)};
}

void RaiseByEllipse(const Section& section, float side, float shrink, DenseField& field) {
  const float centre_x = MidlineX(section.z) + side * section.dx;
  const float slope = side * section.slope;
  const float norm = 1 / std::sqrt(1 + slope * slope);
  const float half_x = section.half_x * shrink, half_y = section.half_y * shrink;
  const float reach = std::max(half_x, half_y) + 7;
  const int z = static_cast<int>(section.z);
  for (int y = static_cast<int>(std::floor(section.y - reach));
       y <= static_cast<int>(section.y + reach) + 1;
       ++y) {
    for (int x = static_cast<int>(std::floor(centre_x - reach));
         x <= static_cast<int>(centre_x + reach) + 1;
         ++x) {
      const float px = static_cast<float>(x) - centre_x, py = static_cast<float>(y) - section.y;
      const float u = (px + slope * py) * norm / half_x, v = (py - slope * px) * norm / half_y;
      // First-order distance to the ellipse: (1 - r) r / |grad| with r^2 = u^2 + v^2; exact on its
      // axes.
      const float r = std::sqrt(u * u + v * v);
      const float gradient = std::sqrt(u * u / (half_x * half_x) + v * v / (half_y * half_y));
      const float distance = r < 0.02F ? std::min(half_x, half_y)
                                       : std::min((1 - r) * r / gradient, std::min(half_x, half_y));
      field.Raise(x, y, z, distance * static_cast<float>(kVoxelMm));
    }
  }
}

}  // namespace

float MidlineX(float z) {
  std::size_t next = 1;
  while (next + 1 < kMidline.size() && kMidline[next][0] < z) {
    ++next;
  }
  const auto& [z0, x0] = kMidline[next - 1];
  const auto& [z1, x1] = kMidline[next];
  return x0 + (x1 - x0) * std::clamp((z - z0) / (z1 - z0), 0.0F, 1.0F);
}

void RaiseByTube(const Tube& tube, DenseField& field) {
  const float low = tube.sections.front().z, high = tube.sections.back().z;
  for (int z = static_cast<int>(low) - 3; z <= static_cast<int>(high) + 3; ++z) {
    const float at = static_cast<float>(z);
    Section section = Interpolate(tube.sections, at);
    // Beyond its first and last section a tube ends like a ball, at most four slices on.
    const float beyond = std::max({low - at, at - high, 0.0F}) * static_cast<float>(kSliceMm);
    const float cap = std::clamp(std::min(section.half_x, section.half_y), 1.0F, 5.0F);
    if (beyond >= cap) {
      continue;
    }
    const float shrink = std::sqrt(1 - (beyond / cap) * (beyond / cap));
    RaiseByEllipse(section, 1, shrink, field);
    if (tube.mirrored) {
      RaiseByEllipse(section, -1, shrink, field);
    }
  }
}

void RaiseByTeeth(DenseField& field) {
  struct Row {
    float front_y, centre_z;
  };
  constexpr std::array<Row, 2> kRows = {{{175, 97.5F}, {178, 107.5F}}};
  constexpr float kHalfHeight = 5.5F, kHalfWidth = 3.4F;
  for (const Row& row : kRows) {
    for (int tooth = -7; tooth <= 7; ++tooth) {
      // Molars stand farther back on a parabola; steps along it of about a tooth's width.
      const float n = static_cast<float>(tooth);
      const float dx = n * (4.6F - 0.12F * std::abs(n));
      const float y = row.front_y - dx * dx * 0.042F;
      for (int z = static_cast<int>(row.centre_z - kHalfHeight);
           z <= static_cast<int>(row.centre_z + kHalfHeight);
           ++z) {
        const float t = (static_cast<float>(z) - row.centre_z) / kHalfHeight;
        const float shrink = std::sqrt(std::max(0.02F, 1 - t * t * t * t));
        RaiseByEllipse({static_cast<float>(z), dx, y, kHalfWidth, kHalfWidth}, 1, shrink, field);
      }
    }
  }
}

}  // namespace necknode::phantom
