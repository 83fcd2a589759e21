#pragma once

#include <array>

namespace necknode {

/// A point or direction in the patient's coordinates: mm, +x to the left, +y to the back, +z to the
/// head (LPS, PS3.3 C.7.6.2.1.1).
struct Vec3 {
  double x = 0, y = 0, z = 0;
  friend Vec3 operator+(const Vec3& a, const Vec3& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend Vec3 operator-(const Vec3& a, const Vec3& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Vec3 operator*(const Vec3& a, double s) { return {a.x * s, a.y * s, a.z * s}; }
  bool operator==(const Vec3&) const = default;
};

[[nodiscard]] double Dot(const Vec3& a, const Vec3& b);
[[nodiscard]] Vec3 Cross(const Vec3& a, const Vec3& b);
[[nodiscard]] double Norm(const Vec3& a);

/// Where an image's pixels lie: Image Position and Image Orientation (Patient), PS3.3 C.7.6.2.
struct ImagePlane {
  Vec3 position;          ///< centre of the first pixel, mm
  Vec3 row_direction;     ///< unit vector along increasing column index
  Vec3 column_direction;  ///< unit vector along increasing row index
  [[nodiscard]] Vec3 Normal() const { return Cross(row_direction, column_direction); }
};

/// A regular grid of voxels. Voxel (x, y, z) = (column, row, slice); slices ascend along the
/// normal.
struct VolumeGrid {
  int columns = 0, rows = 0, slices = 0;
  double column_spacing_mm =
      0;  ///< between columns, along row_direction (second value of Pixel Spacing)
  double row_spacing_mm =
      0;  ///< between rows, along column_direction (first value of Pixel Spacing)
  double slice_spacing_mm = 0;  ///< between slice centres along the normal
  ImagePlane first;             ///< plane of slice 0

  /// Patient coordinates of a position given in voxel indices, where an integer is a voxel's
  /// centre.
  [[nodiscard]] Vec3 ToPatient(double x, double y, double z) const;
};

}  // namespace necknode
