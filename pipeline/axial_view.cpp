#include "pipeline/axial_view.h"

#include <algorithm>
#include <cmath>

namespace necknode::pipeline {
namespace {

constexpr double kAxialCosine = 0.9;

int StepFor(double cell_mm, double spacing_mm) {
  return std::max(1, static_cast<int>(std::lround(cell_mm / spacing_mm)));
}

}  // namespace

std::optional<AxialView> AxialView::Of(const Volume& volume, double cell_mm) {
  const VolumeGrid& grid = volume.grid();
  const ImagePlane& plane = grid.first;
  if (std::abs(plane.row_direction.x) < kAxialCosine ||
      std::abs(plane.column_direction.y) < kAxialCosine ||
      std::abs(plane.Normal().z) < kAxialCosine)
    return std::nullopt;
  AxialView view;
  view.volume_ = &volume;
  view.step_x_ = StepFor(cell_mm, grid.column_spacing_mm);
  view.step_y_ = StepFor(cell_mm, grid.row_spacing_mm);
  view.columns_ = (grid.columns + view.step_x_ - 1) / view.step_x_;
  view.rows_ = (grid.rows + view.step_y_ - 1) / view.step_y_;
  view.column_mm_ = view.step_x_ * grid.column_spacing_mm;
  view.row_mm_ = view.step_y_ * grid.row_spacing_mm;
  view.turned_x_ = plane.row_direction.x < 0;
  view.turned_y_ = plane.column_direction.y < 0;
  view.turned_z_ = plane.Normal().z < 0;
  return view;
}

std::vector<std::int16_t> AxialView::Slice(int k) const {
  const int z = VolumeSlice(k);
  std::vector<std::int16_t> plane;
  plane.reserve(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_));
  for (int row = 0; row < rows_; ++row) {
    const int y = (turned_y_ ? rows_ - 1 - row : row) * step_y_;
    for (int column = 0; column < columns_; ++column) {
      const int x = (turned_x_ ? columns_ - 1 - column : column) * step_x_;
      plane.push_back(volume_->At(x, y, z));
    }
  }
  return plane;
}

Vec3 AxialView::ToPatient(double column, double row, double k) const {
  const double x = (turned_x_ ? columns_ - 1 - column : column) * step_x_;
  const double y = (turned_y_ ? rows_ - 1 - row : row) * step_y_;
  const double z = turned_z_ ? slices() - 1 - k : k;
  return volume_->grid().ToPatient(x, y, z);
}

}  // namespace necknode::pipeline
