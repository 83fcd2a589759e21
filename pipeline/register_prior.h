#pragma once

#include <array>
#include <string>

#include "core/volume.h"

namespace necknode::pipeline {

/// A rotation about a point, then a shift; both volumes in the patient's coordinates, mm.
struct RigidTransform {
  std::array<Vec3, 3> rotation = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};  ///< rows of the matrix
  Vec3 centre, shift;
  [[nodiscard]] Vec3 Apply(const Vec3& point) const;
};

/// How an earlier study lies against the current one.
struct Registration {
  RigidTransform current_to_prior;
  double quality = 0;     ///< enhanced correlation coefficient of the two studies' bones, at most 1
  double overlap_mm = 0;  ///< height of the current study that the earlier one covers
  /// Why the alignment cannot be relied on, in English, or empty.
  std::string doubt;
};

/// Below: the alignment is not relied on.
inline constexpr double kMinQuality = 0.8;
inline constexpr double kMinOverlapMm = 50;

/// Aligns two studies of one patient rigidly by their bones. A search over shifts on a grid of 8 mm
/// gives starts, of which the best is refined by the enhanced correlation coefficient (Evangelidis
/// and Psarakis 2008, in three dimensions: necks look alike in projection, and a turned head shows
/// in none). Turns of more than some 15 degrees between the studies are not found, and say so by
/// their quality. Deterministic. Accuracy: docs/architecture.md.
[[nodiscard]] Registration RegisterPrior(const Volume& current, const Volume& prior);

}  // namespace necknode::pipeline
