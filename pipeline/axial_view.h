#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/volume.h"

namespace necknode::pipeline {

/// An axial volume on a coarse grid in the patient's own directions, whatever those of the images:
/// columns run to the left, rows to the back, slices to the head. Borrows the volume.
class AxialView {
 public:
  /// Every n-th pixel, so that cells are about `cell_mm` wide; every slice. nullopt where rows do
  /// not run from side to side, or slices from foot to head, to within some 25 degrees.
  static std::optional<AxialView> Of(const Volume& volume, double cell_mm);

  [[nodiscard]] int columns() const { return columns_; }
  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int slices() const { return volume_->grid().slices; }
  [[nodiscard]] double column_mm() const { return column_mm_; }
  [[nodiscard]] double row_mm() const { return row_mm_; }
  [[nodiscard]] double slice_mm() const { return volume_->grid().slice_spacing_mm; }

  /// HU of slice `k` (0: nearest to the feet), row-major.
  [[nodiscard]] std::vector<std::int16_t> Slice(int k) const;
  /// Where the middle of a cell lies in the patient, mm.
  [[nodiscard]] Vec3 ToPatient(double column, double row, double k) const;
  /// The volume's own number of slice `k`.
  [[nodiscard]] int VolumeSlice(int k) const { return turned_z_ ? slices() - 1 - k : k; }

 private:
  AxialView() = default;
  const Volume* volume_ = nullptr;
  int step_x_ = 1, step_y_ = 1, columns_ = 0, rows_ = 0;
  double column_mm_ = 0, row_mm_ = 0;
  bool turned_x_ = false, turned_y_ = false, turned_z_ = false;
};

}  // namespace necknode::pipeline
