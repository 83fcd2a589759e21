#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/geometry.h"
#include "core/uid.h"

namespace necknode::dicom_io {

/// Tolerances of the geometry; what lies beyond is refused, never corrected.
inline constexpr double kOrientationTolerance = 1e-3;  ///< of each direction cosine between slices
inline constexpr double kUnitVectorTolerance =
    1e-3;                                        ///< of length and right angle of the directions
inline constexpr double kMaxCoordinateMm = 1e5;  ///< of a position; no scanner's table is longer
inline constexpr double kPixelSpacingTolerance = 5e-4;  ///< relative
inline constexpr double kSamePositionMm = 0.01;  ///< closer along the normal: the same position
/// Distance of neighbouring slices: this, or kSpacingTolerance of it where that is more. Positions
/// are often given to 0.1 mm, so that neighbours may seem 0.1 mm too near or too far.
inline constexpr double kSpacingToleranceMm = 0.15;
inline constexpr double kSpacingTolerance = 0.01;
inline constexpr double kPositionToleranceMm =
    0.5;  ///< of any slice from the regular grid, along and across the normal

/// Where one image lies, and what is needed to judge it.
struct SlicePlacement {
  std::string name;  ///< of its source, for messages
  ImagePlane plane;
  int rows = 0, columns = 0;
  double row_spacing_mm = 0, column_spacing_mm = 0;
  std::optional<double> slice_thickness_mm;  ///< used as spacing only where there is one slice
  Uid frame_of_reference_uid;
  // Of two images at one position the greater of these three, in this order, wins.
  std::string acquired;  ///< DICOM date and time
  int acquisition_number = 0, instance_number = 0;
};

struct SliceStack {
  VolumeGrid grid;
  std::vector<std::size_t> order;  ///< indices of the given images, ascending along the normal
  std::vector<std::string> notes;
};

/// Orders images along their normal and checks that they form a regular volume. Throws
/// Error(kGeometry) with position and value where they do not.
[[nodiscard]] SliceStack StackSlices(const std::vector<SlicePlacement>& images);

}  // namespace necknode::dicom_io
