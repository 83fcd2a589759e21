#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace necknode::phantom {

/// Smooth random field of mean 0 and standard deviation about 1, which repeats every kPeriod units;
/// features are about one unit wide. One table serves all seeds: callers shift the coordinates.
/// Thread safe.
class SmoothNoise {
 public:
  static constexpr int kPeriod = 64;
  static const SmoothNoise& Instance();
  /// Trilinear between lattice points. Coordinates may be any number of magnitude below a million.
  [[nodiscard]] float At(float x, float y, float z) const;

 private:
  SmoothNoise();
  std::vector<float> lattice_;
};

/// Random smooth displacement: cubic B-spline over random vectors, in the units of `amplitude`.
class Deformation {
 public:
  /// `spacing` is the distance of control points, in the units of the coordinates given to At.
  Deformation(std::uint64_t seed, double spacing, double amplitude);
  [[nodiscard]] std::array<double, 3> At(double x, double y, double z) const;

 private:
  std::uint64_t seed_;
  double spacing_, amplitude_;
};

/// Adds CT noise to a slice: white noise blurred by the kernel (1 - 2k, k) in both directions, of
/// standard deviation `sigma` HU afterwards; `streak` HU more of horizontally drawn-out noise, as
/// between shoulders.
struct ScanNoise {
  std::uint64_t seed = 0;
  float sigma = 10, kernel = 0.22F, streak = 0;
};
void AddNoise(std::vector<float>& slice, int columns, int rows, const ScanNoise& noise);

}  // namespace necknode::phantom
