#include "pipeline/shift_search.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace necknode::pipeline {
namespace {

constexpr double kStepMm = 8;
constexpr int kReach = 6;         // steps aside
constexpr int kMinCommon = 5;     // layers
constexpr double kApartMm = 12;   // between two candidates
constexpr std::size_t kMost = 4;  // candidates

// A map on a grid along the patient's axes.
struct Lattice {
  Vec3 first;
  int nx = 0, ny = 0, nz = 0;
  std::vector<float> values;
  [[nodiscard]] const float* Line(int y, int z) const {
    return values.data() + (static_cast<std::size_t>(z) * static_cast<std::size_t>(ny) +
                            static_cast<std::size_t>(y)) *
                               static_cast<std::size_t>(nx);
  }
};

Lattice Resample(const BoneMap& map) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const VolumeGrid& grid = map.grid();
  Vec3 low = {kInfinity, kInfinity, kInfinity}, high = {-kInfinity, -kInfinity, -kInfinity};
  for (const int x : {0, grid.columns - 1}) {
    for (const int y : {0, grid.rows - 1}) {
      for (const int z : {0, grid.slices - 1}) {
        const Vec3 corner = grid.ToPatient(x, y, z);
        low = {std::min(low.x, corner.x), std::min(low.y, corner.y), std::min(low.z, corner.z)};
        high = {std::max(high.x, corner.x), std::max(high.y, corner.y), std::max(high.z, corner.z)};
      }
    }
  }
  const auto count = [](double from, double to) {
    return static_cast<int>((to - from) / kStepMm) + 1;
  };
  Lattice lattice;
  lattice.first = low;
  lattice.nx = count(low.x, high.x);
  lattice.ny = count(low.y, high.y);
  lattice.nz = count(low.z, high.z);
  BoneMap::Sample sample;
  for (int z = 0; z < lattice.nz; ++z) {
    for (int y = 0; y < lattice.ny; ++y) {
      for (int x = 0; x < lattice.nx; ++x) {
        const Vec3 place = low + Vec3{x * kStepMm, y * kStepMm, z * kStepMm};
        lattice.values.push_back(map.At(place, sample) ? static_cast<float>(sample.value) : 0.0F);
      }
    }
  }
  return lattice;
}

// Correlation of a[x] with b[x + dx] and so on where both are, less where little of `a` is.
double Score(const Lattice& a, const Lattice& b, int dx, int dy, int dz) {
  const auto range = [](int own, int other, int shift) {
    return std::pair(std::max(0, -shift), std::min(own, other - shift));
  };
  const auto [x0, x1] = range(a.nx, b.nx, dx);
  const auto [y0, y1] = range(a.ny, b.ny, dy);
  const auto [z0, z1] = range(a.nz, b.nz, dz);
  if (x0 >= x1 || y0 >= y1 || z0 >= z1)
    return 0;
  double i = 0, j = 0, ii = 0, jj = 0, ij = 0;
  for (int z = z0; z < z1; ++z) {
    for (int y = y0; y < y1; ++y) {
      const float* from = a.Line(y, z);
      const float* to = b.Line(y + dy, z + dz) + dx;
      for (int x = x0; x < x1; ++x) {
        const auto p = static_cast<double>(from[x]), q = static_cast<double>(to[x]);
        i += p;
        j += q;
        ii += p * p;
        jj += q * q;
        ij += p * q;
      }
    }
  }
  const double count = static_cast<double>(x1 - x0) * (y1 - y0) * (z1 - z0);
  const double spread = (ii - i * i / count) * (jj - j * j / count);
  if (!(spread > 0))
    return 0;
  const double share = static_cast<double>(z1 - z0) / std::min(a.nz, b.nz);
  return (ij - i * j / count) / std::sqrt(spread) * std::sqrt(share);
}

struct Candidate {
  Vec3 shift;
  double score = 0;
};

}  // namespace

std::vector<Vec3> LikelyShifts(const BoneMap& current, const BoneMap& prior) {
  const Lattice a = Resample(current), b = Resample(prior);
  const int middle_x = (b.nx - a.nx) / 2, middle_y = (b.ny - a.ny) / 2;
  const int common = std::min({kMinCommon, a.nz, b.nz});
  std::vector<Candidate> best_at_height;
  for (int dz = common - a.nz; dz <= b.nz - common; ++dz) {
    Candidate best;
    for (int dy = middle_y - kReach; dy <= middle_y + kReach; ++dy) {
      for (int dx = middle_x - kReach; dx <= middle_x + kReach; ++dx) {
        const double score = Score(a, b, dx, dy, dz);
        if (score > best.score)
          best = {b.first - a.first + Vec3{dx * kStepMm, dy * kStepMm, dz * kStepMm}, score};
      }
    }
    if (best.score > 0)
      best_at_height.push_back(best);
  }
  std::ranges::stable_sort(best_at_height, std::ranges::greater(), &Candidate::score);
  std::vector<Vec3> likely;
  for (const Candidate& candidate : best_at_height) {
    const bool apart = std::ranges::none_of(likely, [&](const Vec3& other) {
      return std::abs(other.z - candidate.shift.z) < kApartMm;
    });
    if (apart && likely.size() < kMost)
      likely.push_back(candidate.shift);
  }
  return likely;
}

}  // namespace necknode::pipeline
