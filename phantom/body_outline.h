#pragma once

#include <array>
#include <vector>

#include "phantom/sparse_field.h"

namespace necknode::phantom {

/// Radial function of the body's muscles and bones (without fat and skin) about an axis inside the
/// neck, per slice of the atlas. Coordinates as in sparse_field.h.
class BodyOutline {
 public:
  static constexpr int kDirections = 128;

  BodyOutline();
  /// The outline must hold (x, y) on slice z.
  void Include(int z, float x, float y);
  /// Draws skin-like chords over gaps of less than a fifth of a turn on each slice, and smooths
  /// along z.
  void Finish();

  struct Place {
    float depth_mm;  ///< inside the outline, negative outside
    float front;     ///< -1 straight behind the axis, 1 straight in front
    float side;      ///< -1 to the patient's left, 1 to the right
  };
  [[nodiscard]] Place At(float x, float y, float z) const;
  [[nodiscard]] static std::array<float, 2> Centre(float z);

 private:
  std::vector<std::array<float, kDirections>> farthest_;  ///< included, per slice and direction
  std::vector<std::array<float, kDirections>> radius_;
};

}  // namespace necknode::phantom
