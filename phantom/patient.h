#pragma once

#include <array>
#include <cstdint>

#include "core/volume.h"
#include "phantom/anatomy.h"
#include "phantom/noise.h"
#include "phantom/phantom.h"

namespace necknode::phantom {

/// HU and related figures of one patient and scan.
struct Tissue {
  float fat, muscle, skin, tongue, mucosa, gland, parotid, thyroid, disc, cord, fluid, brain;
  float artery, vein;
  float cartilage, cortex, marrow, enamel;
  float cortex_mm;       ///< thickness of compact bone
  float muscle_streaks;  ///< HU of fatty streaks in muscle
  float strands;         ///< HU of fascia and tiny vessels in fat
  float edge_mm;         ///< width of the blur at a surface: the reconstruction kernel
  float fat_mm;          ///< subcutaneous fat at the side of the neck
  float noise, noise_kernel, shoulder_streaks;
};

/// One patient on the table: how the anatomy is bent, scaled and turned, and how its tissues look.
/// Immutable.
class Patient {
 public:
  explicit Patient(const PhantomOptions& options);

  [[nodiscard]] const VolumeGrid& grid() const { return grid_; }
  [[nodiscard]] double table_y() const { return table_y_; }
  [[nodiscard]] const Tissue& tissue() const { return tissue_; }
  /// Growth (mm) of a channel's surfaces at an anatomical place; may differ between sides.
  [[nodiscard]] float Growth(Channel channel, float atlas_x) const {
    const auto i = IndexOf(channel);
    return growth_[i] + (atlas_x > 124 ? side_growth_[i] : -side_growth_[i]);
  }
  /// Place in the anatomy (voxels of the atlas) of a point in patient coordinates (mm).
  [[nodiscard]] Vec3 ToAnatomy(const Vec3& patient) const;
  /// The inverse, to about 0.01 mm.
  [[nodiscard]] Vec3 ToPatient(const Vec3& anatomy) const;
  /// True where the anatomy's right is the patient's left.
  [[nodiscard]] bool mirrored() const { return mirrored_; }
  /// HU of the table's or head rest's shell at a point outside the body, kAir-like elsewhere.
  [[nodiscard]] float TableHu(const Vec3& patient) const;
  /// Depth (mm) under the skin, negative in air. Fat and skin included.
  [[nodiscard]] float DepthUnderSkin(const BodyOutline::Place& place) const;

 private:
  void ChooseGrid(const PhantomOptions& options, class Random& random);
  void ChooseTissue(class Random& random);

  void PlaceTable(class Random& random);

  VolumeGrid grid_;
  Tissue tissue_{};
  std::array<float, kChannels> growth_{}, side_growth_{};
  bool mirrored_ = false;
  double scale_x_ = 1, scale_y_ = 1, scale_z_ = 1;  ///< patient mm per anatomy mm
  double roll_ = 0, pitch_ = 0;                     ///< small shears that stand for rotations
  Vec3 origin_;             ///< patient coordinates of the anatomy's reference point
  double reference_z_ = 0;  ///< its height in slices of the atlas
  Deformation bend_, wobble_;
  double table_y_ = 0,
         table_curve_ = 0;  ///< lowest point (mm) of the shell and its curvature (1/mm)
};

}  // namespace necknode::phantom
