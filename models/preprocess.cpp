#include "models/preprocess.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"

namespace necknode::models {
namespace {

constexpr int kAirThresholdHu = -300;
/// Fewer voxels than this in a row or column are noise.
constexpr int kMinTissueVoxels = 4;
constexpr std::int64_t kMaxImageSide = 4096;

/// Samples one slice at pixel edges in slice coordinates; air beyond it.
class SliceSampler {
 public:
  SliceSampler(const Volume& volume, int z)
      : hu_(volume.Slice(z)), columns_(volume.grid().columns), rows_(volume.grid().rows) {}

  /// Bilinear between voxel centres; the outermost voxels reach half a pixel outwards.
  [[nodiscard]] double At(double x, double y) const {
    if (!(x > 0 && y > 0 && x < columns_ && y < rows_))
      return Volume::kAirHu;
    const double u = std::clamp(x - 0.5, 0.0, columns_ - 1.0);
    const double v = std::clamp(y - 0.5, 0.0, rows_ - 1.0);
    const int i = static_cast<int>(u), j = static_cast<int>(v);
    const int i1 = std::min(i + 1, columns_ - 1), j1 = std::min(j + 1, rows_ - 1);
    const double a = u - i, b = v - j;
    return (1 - b) * ((1 - a) * Hu(i, j) + a * Hu(i1, j)) +
           b * ((1 - a) * Hu(i, j1) + a * Hu(i1, j1));
  }

 private:
  [[nodiscard]] double Hu(int i, int j) const {
    const std::int16_t value =
        hu_[static_cast<std::size_t>(j) * static_cast<std::size_t>(columns_) +
            static_cast<std::size_t>(i)];
    // Padding far below air must not leak into its neighbours.
    return std::max(value, Volume::kAirHu);
  }

  std::span<const std::int16_t> hu_;
  int columns_, rows_;
};

/// Mean of n x n samples per tensor pixel, n from the step: where pixels are taken together nothing
/// is skipped.
void SampleChannel(const SliceSampler& slice,
                   const Placement& placement,
                   const Preprocessing& preprocessing,
                   std::int64_t height,
                   std::int64_t width,
                   float* out) {
  const auto samples = [](double step) {
    return std::max(1, static_cast<int>(std::ceil(step - 0.25)));
  };
  const int nx = samples(placement.step_x), ny = samples(placement.step_y);
  for (std::int64_t row = 0; row < height; ++row) {
    for (std::int64_t column = 0; column < width; ++column) {
      double sum = 0;
      for (int sy = 0; sy < ny; ++sy) {
        const double y =
            placement.y0 + (static_cast<double>(row) + (sy + 0.5) / ny) * placement.step_y;
        for (int sx = 0; sx < nx; ++sx) {
          const double x =
              placement.x0 + (static_cast<double>(column) + (sx + 0.5) / nx) * placement.step_x;
          sum += slice.At(x, y);
        }
      }
      out[row * width + column] = Windowed(sum / (nx * ny), preprocessing);
    }
  }
}

torch::Tensor Sample(const Volume& volume,
                     int z,
                     int channels,
                     const Preprocessing& preprocessing,
                     const Placement& placement,
                     std::int64_t height,
                     std::int64_t width) {
  torch::Tensor image = torch::empty({channels, height, width}, torch::kFloat32);
  for (int c = 0; c < channels; ++c) {
    const int slice = std::clamp(z + c - channels / 2, 0, volume.grid().slices - 1);
    SampleChannel(SliceSampler(volume, slice),
                  placement,
                  preprocessing,
                  height,
                  width,
                  image.data_ptr<float>() + c * height * width);
  }
  return image;
}

void CheckSlice(const Volume& volume, int z, int channels) {
  if (z < 0 || z >= volume.grid().slices) {
    throw Error(ErrorCode::kInvalidArgument,
                "slice " + std::to_string(z) + " of a volume of " +
                    std::to_string(volume.grid().slices) + " slices");
  }
  if (channels < 1 || channels % 2 == 0) {
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(channels) + " channels, expected an odd number");
  }
  const VolumeGrid& grid = volume.grid();
  if (!(grid.column_spacing_mm > 0 && grid.row_spacing_mm > 0)) {
    throw Error(ErrorCode::kInvalidArgument,
                "pixel spacing of " + std::to_string(grid.row_spacing_mm) + " x " +
                    std::to_string(grid.column_spacing_mm) + " mm");
  }
}

std::int64_t ImageSide(double pixels) {
  const double multiples = std::ceil(pixels / static_cast<double>(kImageMultiple) - 1e-6);
  const double side = std::max(1.0, multiples) * static_cast<double>(kImageMultiple);
  if (!(side <= static_cast<double>(kMaxImageSide))) {
    throw Error(ErrorCode::kInvalidArgument,
                "an image of " + std::to_string(pixels) + " pixels, limit " +
                    std::to_string(kMaxImageSide));
  }
  return static_cast<std::int64_t>(side);
}

void CheckBox(const Box& box, const char* what) {
  if (!(box.Width() > 0 && box.Height() > 0) || !std::isfinite(box.Area())) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string(what) + " of " + std::to_string(box.Width()) + " x " +
                    std::to_string(box.Height()) + " pixels");
  }
}

}  // namespace

Box Placement::ToSlice(const Box& in_image) const {
  return {x0 + in_image.x0 * step_x,
          y0 + in_image.y0 * step_y,
          x0 + in_image.x1 * step_x,
          y0 + in_image.y1 * step_y};
}

Box Placement::ToImage(const Box& in_slice) const {
  return {(in_slice.x0 - x0) / step_x,
          (in_slice.y0 - y0) / step_y,
          (in_slice.x1 - x0) / step_x,
          (in_slice.y1 - y0) / step_y};
}

float Windowed(double hu, const Preprocessing& preprocessing) {
  const double value = (hu - preprocessing.window_center) / (preprocessing.window_width / 2);
  return static_cast<float>(std::clamp(value, -1.0, 1.0));
}

Box BodyRegion(const Volume& volume, int z, double margin_mm) {
  CheckSlice(volume, z, 1);
  const VolumeGrid& grid = volume.grid();
  const auto slice = volume.Slice(z);
  std::vector<int> in_row(static_cast<std::size_t>(grid.rows), 0);
  std::vector<int> in_column(static_cast<std::size_t>(grid.columns), 0);
  std::size_t i = 0;
  for (int& row : in_row) {
    for (int& column : in_column) {
      if (slice[i++] > kAirThresholdHu) {
        ++row;
        ++column;
      }
    }
  }
  const auto extent = [](const std::vector<int>& counts) {
    const auto tissue = [](int count) { return count >= kMinTissueVoxels; };
    const auto first = std::find_if(counts.begin(), counts.end(), tissue);
    const auto last = std::find_if(counts.rbegin(), counts.rend(), tissue);
    return std::pair<double, double>(first - counts.begin(), counts.rend() - last);
  };
  const auto [x0, x1] = extent(in_column);
  const auto [y0, y1] = extent(in_row);
  if (x0 >= x1 || y0 >= y1)
    return {};
  const double margin_x = std::ceil(margin_mm / grid.column_spacing_mm);
  const double margin_y = std::ceil(margin_mm / grid.row_spacing_mm);
  return {std::max(0.0, x0 - margin_x),
          std::max(0.0, y0 - margin_y),
          std::min<double>(grid.columns, x1 + margin_x),
          std::min<double>(grid.rows, y1 + margin_y)};
}

SliceImage CutSlice(const Volume& volume,
                    int z,
                    int channels,
                    const Preprocessing& preprocessing,
                    const Box& region) {
  CheckSlice(volume, z, channels);
  CheckBox(region, "region");
  Placement placement{region.x0,
                      region.y0,
                      preprocessing.pixel_spacing_mm / volume.grid().column_spacing_mm,
                      preprocessing.pixel_spacing_mm / volume.grid().row_spacing_mm};
  const std::int64_t width = ImageSide(region.Width() / placement.step_x);
  const std::int64_t height = ImageSide(region.Height() / placement.step_y);
  return {Sample(volume, z, channels, preprocessing, placement, height, width), placement};
}

torch::Tensor CutRoi(const Volume& volume,
                     int z,
                     const Box& box,
                     const ClassifierConfig& config,
                     const Preprocessing& preprocessing) {
  CheckSlice(volume, z, config.in_channels);
  CheckBox(box, "box");
  const VolumeGrid& grid = volume.grid();
  const double longer_mm =
      std::max(box.Width() * grid.column_spacing_mm, box.Height() * grid.row_spacing_mm);
  const double side_mm = std::max(kMinRoiMm, config.roi_context * longer_mm);
  const double width = side_mm / grid.column_spacing_mm, height = side_mm / grid.row_spacing_mm;
  const Placement placement{box.CentreX() - width / 2,
                            box.CentreY() - height / 2,
                            width / config.roi_size,
                            height / config.roi_size};
  return Sample(
      volume, z, config.in_channels, preprocessing, placement, config.roi_size, config.roi_size);
}

}  // namespace necknode::models
