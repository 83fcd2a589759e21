#pragma once

#include "core/geometry.h"
#include "phantom/body_outline.h"
#include "phantom/label_volume.h"
#include "phantom/sparse_field.h"

namespace necknode::phantom {

/// Landmarks that divide the neck into levels: lower border of the hyoid's body, of the cricoid's
/// arch, upper border of the manubrium.
inline constexpr Vec3 kHyoid = {125, 138, 84}, kCricoid = {121, 122, 58},
                      kManubrium = {121, 131, 33};
inline constexpr double kSkullBaseZ = 128, kClavicleZ = 40;

/// A neck before it is varied by a seed: the atlas's labels as smooth surfaces, and what they lack.
/// Immutable.
class Anatomy {
 public:
  explicit Anatomy(const LabelVolume& atlas);
  /// The one made of the embedded atlas, on first use (about a second). Thread safe.
  static const Anatomy& Instance();

  [[nodiscard]] const SparseField& field() const { return field_; }
  [[nodiscard]] const BodyOutline& outline() const { return outline_; }
  /// Centre of the internal jugular vein on a slice, right or left; the nearest slice's where there
  /// is none.
  [[nodiscard]] std::array<float, 2> Jugular(double z, bool right) const;
  /// Hindmost point of the sternocleidomastoid on a slice.
  [[nodiscard]] float SternomastoidBack(double z, bool right) const;

 private:
  void FindTracks(const LabelVolume& atlas);
  void IncludeInOutline(const DenseField& field);

  SparseField field_;
  BodyOutline outline_;
  std::array<std::vector<std::array<float, 2>>, 2> jugular_;
  std::array<std::vector<float>, 2> sternomastoid_back_;
};

}  // namespace necknode::phantom
