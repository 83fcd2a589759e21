#include "phantom/body_outline.h"

#include <algorithm>
#include <cmath>

#include "phantom/shapes.h"

namespace necknode::phantom {
namespace {

using Profile = std::array<float, BodyOutline::kDirections>;

/// Unit vector of direction `index` of 128. Square roots only, so that it is the same everywhere.
std::array<float, 2> Direction(int index) {
  const float t = static_cast<float>(index) * (4.0F / BodyOutline::kDirections);
  const float x = t <= 2 ? 1 - t : t - 3, y = t <= 1 ? t : (t <= 3 ? 2 - t : t - 4);
  const float norm = std::sqrt(x * x + y * y);
  return {x / norm, y / norm};
}

/// The inverse of Direction: 0 <= value < 128, not rounded.
float IndexOfDirection(float x, float y) {
  const float sum = std::abs(x) + std::abs(y);
  if (sum <= 0) {
    return 0;
  }
  const float t = y >= 0 ? 1 - x / sum : 3 + x / sum;
  const float index = t * (BodyOutline::kDirections / 4.0F);
  return index < BodyOutline::kDirections ? index : 0;
}

/// Farthest radius that a chord between two included points gives, for points less than `kWidest`
/// directions apart.
Profile SpanGaps(const Profile& farthest) {
  constexpr int kWidest = 26;
  std::array<std::array<float, 2>, BodyOutline::kDirections> unit;
  for (int i = 0; i < BodyOutline::kDirections; ++i) {
    unit[static_cast<std::size_t>(i)] = Direction(i);
  }
  Profile radius = farthest;
  for (int from = 0; from < BodyOutline::kDirections; ++from) {
    for (int width = 2; width <= kWidest; ++width) {
      const auto a = static_cast<std::size_t>(from);
      const auto b = static_cast<std::size_t>((from + width) % BodyOutline::kDirections);
      const float ax = farthest[a] * unit[a][0], ay = farthest[a] * unit[a][1];
      const float bx = farthest[b] * unit[b][0], by = farthest[b] * unit[b][1];
      const float cross = ax * by - ay * bx;
      for (int k = 1; k < width; ++k) {
        const auto i = static_cast<std::size_t>((from + k) % BodyOutline::kDirections);
        const float across = unit[i][0] * (by - ay) - unit[i][1] * (bx - ax);
        if (across > 1e-3F) {
          radius[i] = std::max(radius[i], cross / across);
        }
      }
    }
  }
  return radius;
}

Profile Smoothed(const Profile& radius) {
  constexpr int kReach = 3;
  Profile smooth;
  for (int i = 0; i < BodyOutline::kDirections; ++i) {
    float sum = 0, weights = 0;
    for (int d = -kReach; d <= kReach; ++d) {
      const auto at =
          static_cast<std::size_t>((i + d + BodyOutline::kDirections) % BodyOutline::kDirections);
      const auto weight = static_cast<float>(kReach + 1 - std::abs(d));
      sum += weight * radius[at];
      weights += weight;
    }
    smooth[static_cast<std::size_t>(i)] = sum / weights;
  }
  return smooth;
}

}  // namespace

BodyOutline::BodyOutline() : farthest_(kGridZ), radius_(kGridZ) {}

std::array<float, 2> BodyOutline::Centre(float z) {
  constexpr std::array<std::array<float, 2>, 5> kY = {
      {{0, 70}, {30, 75}, {60, 82}, {90, 100}, {120, 108}}};
  std::size_t next = 1;
  while (next + 1 < kY.size() && kY[next][0] < z) {
    ++next;
  }
  const float t = std::clamp((z - kY[next - 1][0]) / (kY[next][0] - kY[next - 1][0]), 0.0F, 1.0F);
  return {MidlineX(z), kY[next - 1][1] + (kY[next][1] - kY[next - 1][1]) * t};
}

void BodyOutline::Include(int z, float x, float y) {
  if (z < 0 || z >= kGridZ) {
    return;
  }
  const auto centre = Centre(static_cast<float>(z));
  const float dx = x - centre[0], dy = y - centre[1];
  const auto direction = static_cast<std::size_t>(IndexOfDirection(dx, dy) + 0.5F) % kDirections;
  float& most = farthest_[static_cast<std::size_t>(z)][direction];
  most = std::max(most, std::sqrt(dx * dx + dy * dy));
}

void BodyOutline::Finish() {
  std::vector<Profile> chords(farthest_.size());
  for (std::size_t z = 0; z < farthest_.size(); ++z) {
    chords[z] = Smoothed(SpanGaps(farthest_[z]));
  }
  constexpr int kReach = 5;
  const int last = static_cast<int>(chords.size()) - 1;
  for (int z = 0; z <= last; ++z) {
    for (std::size_t i = 0; i < kDirections; ++i) {
      float sum = 0, weights = 0;
      for (int d = -kReach; d <= kReach; ++d) {
        const auto weight = static_cast<float>(kReach + 1 - std::abs(d));
        sum += weight * chords[static_cast<std::size_t>(std::clamp(z + d, 0, last))][i];
        weights += weight;
      }
      radius_[static_cast<std::size_t>(z)][i] = sum / weights;
    }
  }
}

BodyOutline::Place BodyOutline::At(float x, float y, float z) const {
  const float height = std::clamp(z, 0.0F, static_cast<float>(kGridZ) - 1.001F);
  const auto centre = Centre(height);
  const float dx = x - centre[0], dy = y - centre[1];
  const float index = IndexOfDirection(dx, dy);
  const auto low = static_cast<std::size_t>(index), high = (low + 1) % kDirections;
  const float t = index - static_cast<float>(low);
  const auto below = static_cast<std::size_t>(height);
  const float s = height - static_cast<float>(below);
  const auto along = [&](std::size_t slice) {
    return radius_[slice][low] + (radius_[slice][high] - radius_[slice][low]) * t;
  };
  const float near = along(below);
  const float radius = near + (along(below + 1) - near) * s;
  const float from_axis = std::sqrt(dx * dx + dy * dy);
  const float norm = from_axis > 0.01F ? 1 / from_axis : 0;
  return {(radius - from_axis) * static_cast<float>(kVoxelMm), dy * norm, dx * norm};
}

}  // namespace necknode::phantom
