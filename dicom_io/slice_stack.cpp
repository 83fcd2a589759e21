#include "dicom_io/slice_stack.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <tuple>

#include "core/error.h"
#include "dicom_io/value_text.h"

namespace necknode::dicom_io {

namespace {

constexpr double kRadiansToDegrees = 180 / std::numbers::pi;

[[noreturn]] void Refuse(const std::string& reason) { throw Error(ErrorCode::kGeometry, reason); }

// The coordinate of `plane` that a viewer shows for such a stack: z of axial slices.
std::string PositionText(const ImagePlane& plane) {
  const Vec3 normal = plane.Normal();
  const double x = std::abs(normal.x), y = std::abs(normal.y), z = std::abs(normal.z);
  if (z >= x && z >= y) {
    return "z = " + DecimalText(plane.position.z, 1) + " mm";
  }
  return y >= x ? "y = " + DecimalText(plane.position.y, 1) + " mm"
                : "x = " + DecimalText(plane.position.x, 1) + " mm";
}

double MaxDifference(const Vec3& a, const Vec3& b) {
  return std::max({std::abs(a.x - b.x), std::abs(a.y - b.y), std::abs(a.z - b.z)});
}

void CheckDirections(const SlicePlacement& image) {
  const ImagePlane& plane = image.plane;
  if (std::abs(Norm(plane.row_direction) - 1) > kUnitVectorTolerance ||
      std::abs(Norm(plane.column_direction) - 1) > kUnitVectorTolerance ||
      std::abs(Dot(plane.row_direction, plane.column_direction)) > kUnitVectorTolerance) {
    Refuse(image.name +
           ": the directions of Image Orientation are not at right angles or not of length 1");
  }
  if (MaxDifference(plane.position, {}) > kMaxCoordinateMm) {
    Refuse(image.name + ": Image Position is beyond " + DecimalText(kMaxCoordinateMm, 0) + " mm");
  }
  if (image.row_spacing_mm <= 0 || image.column_spacing_mm <= 0) {
    Refuse(image.name + ": Pixel Spacing " + DecimalText(image.row_spacing_mm, 4) + " x " +
           DecimalText(image.column_spacing_mm, 4) + " mm is not positive");
  }
}

bool SameSpacing(double a, double b) { return std::abs(a - b) <= kPixelSpacingTolerance * b; }

// Every image against the first one: what must be equal in all slices.
void CheckEqual(const SlicePlacement& image, const SlicePlacement& first) {
  const std::string where = image.name + " at " + PositionText(image.plane) + ": ";
  if (image.frame_of_reference_uid != first.frame_of_reference_uid) {
    Refuse(where + "another frame of reference than " + first.name);
  }
  if (image.rows != first.rows || image.columns != first.columns) {
    Refuse(where + std::to_string(image.rows) + " x " + std::to_string(image.columns) +
           " pixels, others have " + std::to_string(first.rows) + " x " +
           std::to_string(first.columns));
  }
  if (!SameSpacing(image.row_spacing_mm, first.row_spacing_mm) ||
      !SameSpacing(image.column_spacing_mm, first.column_spacing_mm)) {
    Refuse(where + "pixel spacing is " + DecimalText(image.row_spacing_mm, 4) + " x " +
           DecimalText(image.column_spacing_mm, 4) + " mm, expected " +
           DecimalText(first.row_spacing_mm, 4) + " x " + DecimalText(first.column_spacing_mm, 4) +
           " mm");
  }
  if (MaxDifference(image.plane.row_direction, first.plane.row_direction) > kOrientationTolerance ||
      MaxDifference(image.plane.column_direction, first.plane.column_direction) >
          kOrientationTolerance) {
    const double cosine = Dot(image.plane.Normal(), first.plane.Normal());
    Refuse(where + "orientation differs from that of " + first.name + " (normals " +
           DecimalText(std::acos(std::clamp(cosine, -1.0, 1.0)) * kRadiansToDegrees, 1) +
           " degrees apart)");
  }
}

// Without the rounding of the written cosines, which over a volume's width could amount to half a
// pixel.
ImagePlane Orthonormal(const ImagePlane& plane) {
  const Vec3 row = plane.row_direction * (1 / Norm(plane.row_direction));
  const Vec3 column = plane.column_direction - row * Dot(row, plane.column_direction);
  return {.position = plane.position,
          .row_direction = row,
          .column_direction = column * (1 / Norm(column))};
}

class Stacker {
 public:
  explicit Stacker(const std::vector<SlicePlacement>& images) : images_(images) {
    const Vec3 normal = images.front().plane.Normal();
    normal_ = normal * (1 / Norm(normal));
    for (const auto& image : images) {
      along_.push_back(Dot(image.plane.position, normal_));
    }
  }

  SliceStack Stack() {
    stack_.order.resize(images_.size());
    std::iota(stack_.order.begin(), stack_.order.end(), std::size_t{0});
    std::sort(stack_.order.begin(), stack_.order.end(), [&](std::size_t a, std::size_t b) {
      return std::tie(along_[a], a) < std::tie(along_[b], b);
    });
    DropDuplicates();
    const double spacing = stack_.order.size() > 1 ? CheckSpacing() : SpacingOfOne();
    CheckShift();
    const SlicePlacement& first = images_[stack_.order.front()];
    stack_.grid = {.columns = first.columns,
                   .rows = first.rows,
                   .slices = static_cast<int>(stack_.order.size()),
                   .column_spacing_mm = first.column_spacing_mm,
                   .row_spacing_mm = first.row_spacing_mm,
                   .slice_spacing_mm = spacing,
                   .first = Orthonormal(first.plane)};
    return std::move(stack_);
  }

 private:
  [[nodiscard]] bool Newer(std::size_t a, std::size_t b) const {
    const auto key = [&](std::size_t i) {
      return std::tie(
          images_[i].acquired, images_[i].acquisition_number, images_[i].instance_number);
    };
    return key(a) > key(b);
  }

  void DropDuplicates() {
    std::vector<std::size_t> kept;
    int dropped = 0, alike = 0;
    for (const std::size_t image : stack_.order) {
      if (kept.empty() || along_[image] - along_[kept.back()] > kSamePositionMm) {
        kept.push_back(image);
        continue;
      }
      ++dropped;
      if (Newer(image, kept.back())) {
        kept.back() = image;
      } else if (!Newer(kept.back(), image)) {
        ++alike;
      }
    }
    if (dropped > 0) {
      stack_.notes.push_back(
          std::to_string(dropped) + " duplicate positions: newest acquisition taken" +
          (alike > 0 ? " (of " + std::to_string(alike) + " equally new ones the first one given)"
                     : ""));
    }
    stack_.order = std::move(kept);
  }

  [[nodiscard]] double SpacingOfOne() {
    const auto& thickness = images_[stack_.order.front()].slice_thickness_mm;
    if (!thickness || *thickness <= 0) {
      Refuse("a single slice without Slice Thickness has no extent along its normal");
    }
    stack_.notes.emplace_back("a single slice: its thickness taken as spacing");
    return *thickness;
  }

  [[nodiscard]] double Along(std::size_t slice) const { return along_[stack_.order[slice]]; }
  [[nodiscard]] const ImagePlane& Plane(std::size_t slice) const {
    return images_[stack_.order[slice]].plane;
  }

  // The mean where all are near it (jitter); else the median distance, or rather the mean of those
  // near it: a gap or an overlap does not move it.
  [[nodiscard]] double TypicalSpacing() const {
    std::vector<double> gaps;
    for (std::size_t i = 1; i < stack_.order.size(); ++i) {
      gaps.push_back(Along(i) - Along(i - 1));
    }
    const double mean = (Along(gaps.size()) - Along(0)) / static_cast<double>(gaps.size());
    if (std::ranges::all_of(gaps, [&](double gap) { return std::abs(gap - mean) <= mean / 3; })) {
      return mean;
    }
    const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>((gaps.size() - 1) / 2);
    std::nth_element(gaps.begin(), middle, gaps.end());
    const double median = *middle;
    double sum = 0;
    int count = 0;
    for (const double gap : gaps) {
      if (std::abs(gap - median) <= median / 4) {
        sum += gap;
        ++count;
      }
    }
    return sum / count;
  }

  // Returns the grid's spacing.
  [[nodiscard]] double CheckSpacing() const {
    const double expected = TypicalSpacing();
    const double tolerance = std::max(kSpacingToleranceMm, kSpacingTolerance * expected);
    const std::size_t last = stack_.order.size() - 1;
    for (std::size_t i = 1; i <= last; ++i) {
      const double gap = Along(i) - Along(i - 1);
      if (std::abs(gap - expected) > tolerance) {
        const double missing = std::round(gap / expected) - 1;
        const bool whole = missing >= 1 && std::abs(gap - (missing + 1) * expected) <= tolerance;
        Refuse("slice spacing is " + DecimalText(gap, 2) + " mm after position " +
               PositionText(Plane(i - 1)) + ", expected " + DecimalText(expected, 2) + " mm" +
               (whole ? " (slices missing: " + DecimalText(missing, 0) + ")" : ""));
      }
    }
    const double spacing = (Along(last) - Along(0)) / static_cast<double>(last);
    for (std::size_t i = 1; i < last; ++i) {
      const double off = Along(i) - Along(0) - static_cast<double>(i) * spacing;
      if (std::abs(off) > kPositionToleranceMm) {
        Refuse("the slice at position " + PositionText(Plane(i)) + " is " + DecimalText(off, 2) +
               " mm off the regular grid of " + DecimalText(spacing, 2) + " mm, the limit is " +
               DecimalText(kPositionToleranceMm, 2) + " mm");
      }
    }
    return spacing;
  }

  // How far slice `i` lies beside the normal through slice 0.
  [[nodiscard]] Vec3 Shift(std::size_t i) const {
    const Vec3 step = Plane(i).position - Plane(0).position;
    return step - normal_ * Dot(step, normal_);
  }

  void CheckShift() const {
    const std::size_t last = stack_.order.size() - 1;
    const Vec3 whole = Shift(last);
    const double length = Along(last) - Along(0);
    for (std::size_t i = 1; i <= last; ++i) {
      if (Norm(Shift(i) - whole * ((Along(i) - Along(0)) / length)) > kPositionToleranceMm) {
        Refuse("the slice at position " + PositionText(Plane(i)) + " is shifted sideways by " +
               DecimalText(Norm(Shift(i) - Shift(i - 1)), 2) + " mm against its neighbour");
      }
    }
    if (last > 0 && Norm(whole) > kPositionToleranceMm) {
      Refuse("gantry tilt: the slices' positions advance at " +
             DecimalText(std::atan2(Norm(whole), length) * kRadiansToDegrees, 1) +
             " degrees to their normal, over " + DecimalText(length, 1) + " mm they shift by " +
             DecimalText(Norm(whole), 1) + " mm, the limit is " +
             DecimalText(kPositionToleranceMm, 1) + " mm");
    }
  }

  const std::vector<SlicePlacement>& images_;
  Vec3 normal_;
  std::vector<double> along_;
  SliceStack stack_;
};

}  // namespace

SliceStack StackSlices(const std::vector<SlicePlacement>& images) {
  if (images.empty()) {
    Refuse("the series has no image");
  }
  for (const auto& image : images) {
    CheckDirections(image);
    CheckEqual(image, images.front());
  }
  return Stacker(images).Stack();
}

}  // namespace necknode::dicom_io
