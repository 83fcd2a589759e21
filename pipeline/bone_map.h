#pragma once

#include <vector>

#include "core/volume.h"

namespace necknode::pipeline {

/// How much bone there is around each place of a volume, 0 to 1, on a coarser grid and smoothed:
/// what two studies of a patient are aligned by.
class BoneMap {
 public:
  /// `cell_mm`: the grid's spacing, about; not finer than the volume's own. `blur_mm`: standard
  /// deviation of the smoothing.
  BoneMap(const Volume& volume, double cell_mm, double blur_mm);

  struct Sample {
    double value = 0;
    Vec3 gradient;  ///< per mm, in the patient's coordinates
  };
  /// Linear between cell centres. False, and `sample` untouched, outside the outermost of them.
  [[nodiscard]] bool At(const Vec3& patient, Sample& sample) const;

  [[nodiscard]] const VolumeGrid& grid() const { return grid_; }
  /// Laid out [slice][row][column].
  [[nodiscard]] const std::vector<float>& values() const { return values_; }

 private:
  VolumeGrid grid_;
  Vec3 normal_;
  std::vector<float> values_;
};

}  // namespace necknode::pipeline
