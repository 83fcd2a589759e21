#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "core/detection.h"
#include "core/volume.h"

namespace necknode::pipeline {

/// A position in a slice: mm from the top left corner of its top left pixel, along the row and down
/// the columns.
struct PlanePoint {
  double x = 0, y = 0;
};

/// The surroundings of a box on one slice, resampled to 0.5 mm and smoothed (Gaussian, 0.7 mm).
class Patch {
 public:
  /// `box` in the volume's pixels; 5 mm around it are taken along, as far as the image reaches.
  /// Throws Error(kInvalidArgument) where the box does not meet the image.
  Patch(const Volume& volume, int slice, const Box& box);

  /// Smoothed HU by bilinear interpolation; the nearest border value outside.
  [[nodiscard]] double At(PlanePoint p) const;
  [[nodiscard]] bool Contains(PlanePoint p) const;
  /// Upper bound of the distance from a point inside to the border, mm.
  [[nodiscard]] double Diagonal() const;

 private:
  void Smooth();
  [[nodiscard]] std::size_t Index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(columns_) +
           static_cast<std::size_t>(x);
  }
  PlanePoint origin_;  // of the first sample
  int columns_ = 0, rows_ = 0;
  std::vector<double> hu_;
};

/// A closed contour around a centre: where it crosses each of 64 rays.
struct RayContour {
  static constexpr int kRays = 64;
  PlanePoint centre;
  std::array<double, kRays> radius_mm{};  ///< ray i points to angle 2 pi i / 64, from +x towards +y
  bool touches_border = false;            ///< of the patch: the edge may lie farther out
  double weak_share = 0;                  ///< of rays whose edge is lost in the noise

  [[nodiscard]] std::vector<PlanePoint> Polygon() const;
  /// Whether a point lies inside by more than `margin_mm`, measured along the ray.
  [[nodiscard]] bool Contains(PlanePoint p, double margin_mm) const;
};

/// Where to look for the contour.
struct ContourSeed {
  PlanePoint centre;
  double expected_radius_mm = 0;  ///< a weak prior, greater than 0
  double upper_hu = 0;            ///< brighter than this is a vessel or bone
};

/// Highest HU that still counts as the node whose middle has `middle_hu`.
[[nodiscard]] double UpperHu(double middle_hu);
/// Mean smoothed HU of the disc around `centre`.
[[nodiscard]] double MeanOfDisc(const Patch& patch, PlanePoint centre, double radius_mm);

/// The contour of least cost by dynamic programming over rays: follows falls of HU outwards (never
/// rises, so that it does not run along a vessel's far wall), pays for fat and vessel passed on the
/// way, for leaving the expected radius and for jumps between rays. Deterministic. Throws
/// Error(kInvalidArgument) where the seed lies outside the patch.
[[nodiscard]] RayContour TraceContour(const Patch& patch, const ContourSeed& seed);

}  // namespace necknode::pipeline
