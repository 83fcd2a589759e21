#include "pipeline/register_prior.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include <opencv2/core.hpp>

#include "pipeline/bone_map.h"
#include "pipeline/decimal.h"
#include "pipeline/shift_search.h"

namespace necknode::pipeline {
namespace {

struct Level {
  double cell_mm, blur_mm;
  int iterations;
};
constexpr Level kStart = {6, 5, 20}, kMiddle = {4, 3, 20}, kFinal = {2, 1, 20};
constexpr double kStillMm = 0.01;  // a step that moves nothing by more ends the iteration
constexpr double kArmMm = 100;     // from the centre to what a turn moves
constexpr int kUnknowns = 6;       // turns about x, y, z, then shifts along them
constexpr std::size_t kMinPoints = 500;

using Row = cv::Vec<double, kUnknowns>;
using Matrix = cv::Matx<double, kUnknowns, kUnknowns>;

// Sums over the points that both studies cover, for one step.
struct Sums {
  double count = 0, i = 0, j = 0, ii = 0, jj = 0, ij = 0;
  Row g, gi, gj;
  Matrix gg;

  void Add(double fixed, double moving, const Row& row) {
    ++count;
    i += fixed;
    j += moving;
    ii += fixed * fixed;
    jj += moving * moving;
    ij += fixed * moving;
    g += row;
    gi += row * fixed;
    gj += row * moving;
    for (int a = 0; a < kUnknowns; ++a) {
      for (int b = a; b < kUnknowns; ++b)
        gg(a, b) += row[a] * row[b];
    }
  }
  // Against the means.
  void Centre() {
    ii -= i * i / count;
    jj -= j * j / count;
    ij -= i * j / count;
    gi -= g * (i / count);
    gj -= g * (j / count);
    for (int a = 0; a < kUnknowns; ++a) {
      for (int b = a; b < kUnknowns; ++b) {
        gg(a, b) -= g[a] * g[b] / count;
        gg(b, a) = gg(a, b);
      }
    }
  }
  [[nodiscard]] double Correlation() const {
    return ii > 0 && jj > 0 ? ij / std::sqrt(ii * jj) : 0;
  }
};

Sums Gather(const BoneMap& fixed, const BoneMap& moving, const RigidTransform& transform) {
  const VolumeGrid& grid = fixed.grid();
  const float* value = fixed.values().data();
  Sums sums;
  BoneMap::Sample sample;
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x, ++value) {
        const Vec3 place = transform.Apply(grid.ToPatient(x, y, z));
        if (!moving.At(place, sample))
          continue;
        const Vec3 arm = place - transform.centre - transform.shift;
        const Vec3 turn = Cross(arm, sample.gradient);
        const Vec3& slope = sample.gradient;
        sums.Add(static_cast<double>(*value),
                 sample.value,
                 {turn.x, turn.y, turn.z, slope.x, slope.y, slope.z});
      }
    }
  }
  return sums;
}

// Rodrigues' formula: the rotation by |turn| radians about `turn`, after `rotation`.
std::array<Vec3, 3> Turned(const std::array<Vec3, 3>& rotation, const Vec3& turn) {
  const double angle = Norm(turn);
  if (angle == 0)
    return rotation;
  const Vec3 axis = turn * (1 / angle);
  std::array<Vec3, 3> turned;
  for (int column = 0; column < 3; ++column) {
    const auto part = [&](const Vec3& row) {
      return column == 0 ? row.x : column == 1 ? row.y : row.z;
    };
    const Vec3 v = {part(rotation[0]), part(rotation[1]), part(rotation[2])};
    const Vec3 to = v * std::cos(angle) + Cross(axis, v) * std::sin(angle) +
                    axis * (Dot(axis, v) * (1 - std::cos(angle)));
    for (std::size_t row = 0; row < 3; ++row) {
      const double value = row == 0 ? to.x : row == 1 ? to.y : to.z;
      (column == 0 ? turned[row].x : column == 1 ? turned[row].y : turned[row].z) = value;
    }
  }
  return turned;
}

struct Refined {
  RigidTransform transform;
  double correlation = 0;
};

// Climbs to the best correlation near `start`; nullopt where it does not get on.
std::optional<Refined> Refine(const BoneMap& fixed,
                              const BoneMap& moving,
                              const RigidTransform& start,
                              int iterations) {
  Refined best{start, -1};
  RigidTransform transform = start;
  for (int i = 0; i < iterations; ++i) {
    Sums sums = Gather(fixed, moving, transform);
    if (sums.count < kMinPoints)
      break;
    sums.Centre();
    const double correlation = sums.Correlation();
    if (correlation > best.correlation)
      best = {transform, correlation};
    Matrix inverse;
    bool solved = false;
    inverse = sums.gg.inv(cv::DECOMP_CHOLESKY, &solved);
    if (!solved)
      break;
    const Row to_i = inverse * sums.gi, to_j = inverse * sums.gj;
    const double above = sums.jj - sums.gj.dot(to_j), below = sums.ij - sums.gi.dot(to_j);
    if (!(below > 0))
      break;
    const Row step = to_i * (above / below) - to_j;
    const Vec3 turn = {step[0], step[1], step[2]}, shift = {step[3], step[4], step[5]};
    if (!std::isfinite(Norm(turn)) || !std::isfinite(Norm(shift)))
      break;
    transform.rotation = Turned(transform.rotation, turn);
    transform.shift = transform.shift + shift;
    if (Norm(shift) < kStillMm && Norm(turn) * kArmMm < kStillMm)
      break;
  }
  return best.correlation > 0 ? std::optional(best) : std::nullopt;
}

double OverlapMm(const VolumeGrid& current, const VolumeGrid& prior, const RigidTransform& t) {
  const Vec3 normal = prior.first.Normal();
  int covered = 0;
  for (int z = 0; z < current.slices; ++z) {
    const Vec3 middle =
        t.Apply(current.ToPatient((current.columns - 1) / 2.0, (current.rows - 1) / 2.0, z));
    const double slice = Dot(middle - prior.first.position, normal) / prior.slice_spacing_mm;
    if (slice >= -0.5 && slice <= prior.slices - 0.5)
      ++covered;
  }
  return covered * current.slice_spacing_mm;
}

Registration Doubtful(std::string doubt) {
  Registration registration;
  registration.doubt = std::move(doubt);
  return registration;
}

}  // namespace

Vec3 RigidTransform::Apply(const Vec3& point) const {
  const Vec3 d = point - centre;
  return Vec3{Dot(rotation[0], d), Dot(rotation[1], d), Dot(rotation[2], d)} + centre + shift;
}

Registration RegisterPrior(const Volume& current, const Volume& prior) {
  const VolumeGrid& grid = current.grid();
  RigidTransform start;
  start.centre =
      grid.ToPatient((grid.columns - 1) / 2.0, (grid.rows - 1) / 2.0, (grid.slices - 1) / 2.0);
  std::optional<Refined> best;
  {
    const BoneMap fixed(current, kStart.cell_mm, kStart.blur_mm),
        moving(prior, kStart.cell_mm, kStart.blur_mm);
    for (const Vec3& shift : LikelyShifts(fixed, moving)) {
      start.shift = shift;
      const auto refined = Refine(fixed, moving, start, kStart.iterations);
      if (refined && (!best || refined->correlation > best->correlation))
        best = refined;
    }
  }
  for (const Level& level : {kMiddle, kFinal}) {
    if (!best)
      break;
    best = Refine(BoneMap(current, level.cell_mm, level.blur_mm),
                  BoneMap(prior, level.cell_mm, level.blur_mm),
                  best->transform,
                  level.iterations);
  }
  if (!best)
    return Doubtful("the two studies could not be aligned");
  Registration registration;
  registration.current_to_prior = best->transform;
  registration.quality = best->correlation;
  registration.overlap_mm = OverlapMm(grid, prior.grid(), best->transform);
  if (registration.quality < kMinQuality) {
    registration.doubt = "the two studies could not be aligned reliably (alignment " +
                         Decimal(registration.quality, 2) + ", limit " + Decimal(kMinQuality, 2) +
                         ")";
  } else if (registration.overlap_mm < kMinOverlapMm) {
    registration.doubt = "the two studies have only " + Decimal(registration.overlap_mm, 0) +
                         " mm in common, limit " + Decimal(kMinOverlapMm, 0) + " mm";
  }
  return registration;
}

}  // namespace necknode::pipeline
