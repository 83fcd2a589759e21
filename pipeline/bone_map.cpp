#include "pipeline/bone_map.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <opencv2/imgproc.hpp>

namespace necknode::pipeline {
namespace {

// Below: soft tissue and most of a contrast-filled vessel. Above: cortical bone.
constexpr float kNoBoneHu = 200, kAllBoneHu = 800;
constexpr double kBlurReach = 3;  // standard deviations

int FactorFor(double spacing_mm, double cell_mm, int count) {
  return std::clamp(static_cast<int>(std::lround(cell_mm / spacing_mm)), 1, std::max(1, count));
}

// One slice as bone, averaged over blocks of pixels; what does not fill a block is cut off.
cv::Mat ReducedSlice(const Volume& volume, int z, int factor_x, int factor_y) {
  const VolumeGrid& grid = volume.grid();
  const std::span<const std::int16_t> pixels = volume.Slice(z);
  cv::Mat bone(grid.rows, grid.columns, CV_32F);
  for (int y = 0; y < grid.rows; ++y) {
    auto* out = bone.ptr<float>(y);
    for (int x = 0; x < grid.columns; ++x) {
      const float hu = pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(grid.columns) +
                              static_cast<std::size_t>(x)];
      out[x] = std::clamp((hu - kNoBoneHu) / (kAllBoneHu - kNoBoneHu), 0.0F, 1.0F);
    }
  }
  const cv::Size blocks(grid.columns / factor_x, grid.rows / factor_y);
  cv::Mat reduced;
  cv::resize(bone(cv::Rect(0, 0, blocks.width * factor_x, blocks.height * factor_y)),
             reduced,
             blocks,
             0,
             0,
             cv::INTER_AREA);
  return reduced;
}

cv::Mat Kernel(double blur_mm, double spacing_mm) {
  const double sigma = blur_mm / spacing_mm;
  const int half = std::max(0, static_cast<int>(std::ceil(kBlurReach * sigma)));
  return half == 0 ? cv::Mat::ones(1, 1, CV_32F)
                   : cv::getGaussianKernel(2 * half + 1, sigma, CV_32F);
}

}  // namespace

BoneMap::BoneMap(const Volume& volume, double cell_mm, double blur_mm) : grid_(volume.grid()) {
  const VolumeGrid& fine = volume.grid();
  const int factor_x = FactorFor(fine.column_spacing_mm, cell_mm, fine.columns);
  const int factor_y = FactorFor(fine.row_spacing_mm, cell_mm, fine.rows);
  const int factor_z = FactorFor(fine.slice_spacing_mm, cell_mm, fine.slices);
  grid_.columns = fine.columns / factor_x;
  grid_.rows = fine.rows / factor_y;
  grid_.slices = fine.slices / factor_z;
  grid_.column_spacing_mm *= factor_x;
  grid_.row_spacing_mm *= factor_y;
  grid_.slice_spacing_mm *= factor_z;
  grid_.first.position =
      fine.ToPatient((factor_x - 1) / 2.0, (factor_y - 1) / 2.0, (factor_z - 1) / 2.0);
  normal_ = grid_.first.Normal();

  const cv::Mat across = Kernel(blur_mm, grid_.column_spacing_mm),
                down = Kernel(blur_mm, grid_.row_spacing_mm);
  const auto cells = static_cast<std::size_t>(grid_.rows) * static_cast<std::size_t>(grid_.columns);
  values_.resize(cells * static_cast<std::size_t>(grid_.slices));
  for (int z = 0; z < grid_.slices; ++z) {
    cv::Mat sum = cv::Mat::zeros(grid_.rows, grid_.columns, CV_32F);
    for (int i = 0; i < factor_z; ++i)
      sum += ReducedSlice(volume, z * factor_z + i, factor_x, factor_y);
    cv::Mat plane(
        grid_.rows, grid_.columns, CV_32F, values_.data() + static_cast<std::size_t>(z) * cells);
    cv::sepFilter2D(
        sum / factor_z, plane, CV_32F, across, down, cv::Point(-1, -1), 0, cv::BORDER_REPLICATE);
  }
  // Each slice as one row of an image: its columns run along the normal.
  cv::Mat stack(grid_.slices, static_cast<int>(cells), CV_32F, values_.data());
  const cv::Mat blurred = [&] {
    cv::Mat out;
    cv::sepFilter2D(stack,
                    out,
                    CV_32F,
                    cv::Mat::ones(1, 1, CV_32F),
                    Kernel(blur_mm, grid_.slice_spacing_mm),
                    cv::Point(-1, -1),
                    0,
                    cv::BORDER_REPLICATE);
    return out;
  }();
  blurred.copyTo(stack);
}

bool BoneMap::At(const Vec3& patient, Sample& sample) const {
  const Vec3 d = patient - grid_.first.position;
  const double x = Dot(d, grid_.first.row_direction) / grid_.column_spacing_mm,
               y = Dot(d, grid_.first.column_direction) / grid_.row_spacing_mm,
               z = Dot(d, normal_) / grid_.slice_spacing_mm;
  if (!(x >= 0 && y >= 0 && z >= 0 && x < grid_.columns - 1 && y < grid_.rows - 1 &&
        z < grid_.slices - 1))
    return false;
  const auto ix = static_cast<std::size_t>(x), iy = static_cast<std::size_t>(y),
             iz = static_cast<std::size_t>(z);
  const double u = x - static_cast<double>(ix), v = y - static_cast<double>(iy),
               w = z - static_cast<double>(iz);
  const auto columns = static_cast<std::size_t>(grid_.columns),
             cells = columns * static_cast<std::size_t>(grid_.rows);
  const float* near = values_.data() + iz * cells + iy * columns + ix;
  const float* far = near + cells;
  const auto pair = [&](const float* at, double& along) {
    along = static_cast<double>(at[1]) - static_cast<double>(at[0]);
    return static_cast<double>(at[0]) + u * along;
  };
  double dx00 = 0, dx01 = 0, dx10 = 0, dx11 = 0;
  const double v00 = pair(near, dx00), v01 = pair(near + columns, dx01), v10 = pair(far, dx10),
               v11 = pair(far + columns, dx11);
  const double v0 = std::lerp(v00, v01, v), v1 = std::lerp(v10, v11, v);
  sample.value = std::lerp(v0, v1, w);
  const double along_x =
      std::lerp(std::lerp(dx00, dx01, v), std::lerp(dx10, dx11, v), w) / grid_.column_spacing_mm;
  const double along_y = std::lerp(v01 - v00, v11 - v10, w) / grid_.row_spacing_mm;
  const double along_z = (v1 - v0) / grid_.slice_spacing_mm;
  sample.gradient = grid_.first.row_direction * along_x + grid_.first.column_direction * along_y +
                    normal_ * along_z;
  return true;
}

}  // namespace necknode::pipeline
