#include "core/geometry.h"

#include <cmath>

namespace necknode {

double Dot(const Vec3& a, const Vec3& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

Vec3 Cross(const Vec3& a, const Vec3& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

double Norm(const Vec3& a) { return std::sqrt(Dot(a, a)); }

Vec3 VolumeGrid::ToPatient(double x, double y, double z) const {
  return first.position + first.row_direction * (x * column_spacing_mm) +
         first.column_direction * (y * row_spacing_mm) + first.Normal() * (z * slice_spacing_mm);
}

}  // namespace necknode
