#include "phantom/noise.h"

#include <cmath>
#include <cstddef>

#include "phantom/random.h"

namespace necknode::phantom {
namespace {

constexpr int kMask = SmoothNoise::kPeriod - 1;

std::size_t LatticeIndex(int x, int y, int z) {
  return static_cast<std::size_t>(
      (((z & kMask) * SmoothNoise::kPeriod) + (y & kMask)) * SmoothNoise::kPeriod + (x & kMask));
}

/// Sum of eight bytes of one hash, scaled to mean 0 and standard deviation 1.
float NearlyNormal(std::uint64_t bits) {
  constexpr std::uint64_t kEven = 0x00FF00FF00FF00FFULL;
  const std::uint64_t pairs = (bits & kEven) + ((bits >> 8) & kEven);
  const auto sum = static_cast<int>((pairs * 0x0001000100010001ULL) >> 48);
  return static_cast<float>(sum - 1020) * (1.0F / 209.0F);
}

std::array<double, 4> BSplineWeights(double t) {
  const double s = 1 - t;
  return {s * s * s / 6,
          (3 * t * t * t - 6 * t * t + 4) / 6,
          (3 * s * s * s - 6 * s * s + 4) / 6,
          t * t * t / 6};
}

/// In place: each value becomes (1 - 2k) of itself and k of both neighbours `stride` apart.
void BlurLine(float* line, int count, std::size_t stride, float k) {
  const float own = 1 - 2 * k;
  float before = line[0];
  for (int i = 0; i < count; ++i) {
    float& value = line[static_cast<std::size_t>(i) * stride];
    const float after = i + 1 < count ? line[static_cast<std::size_t>(i + 1) * stride] : value;
    const float blurred = own * value + k * (before + after);
    before = value;
    value = blurred;
  }
}

void BlurRows(std::vector<float>& image, int columns, int rows, float k) {
  for (int y = 0; y < rows; ++y) {
    BlurLine(image.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(columns),
             columns,
             1,
             k);
  }
}

void BlurColumns(std::vector<float>& image, int columns, int rows, float k) {
  const auto width = static_cast<std::size_t>(columns);
  std::vector<float> before(image.begin(), image.begin() + columns);
  const float own = 1 - 2 * k;
  for (int y = 0; y < rows; ++y) {
    float* line = image.data() + static_cast<std::size_t>(y) * width;
    const float* after = y + 1 < rows ? line + width : line;
    for (std::size_t x = 0; x < width; ++x) {
      const float value = line[x];
      line[x] = own * value + k * (before[x] + after[x]);
      before[x] = value;
    }
  }
}

}  // namespace

const SmoothNoise& SmoothNoise::Instance() {
  static const SmoothNoise noise;
  return noise;
}

SmoothNoise::SmoothNoise()
    : lattice_(static_cast<std::size_t>(kPeriod) * static_cast<std::size_t>(kPeriod) *
               static_cast<std::size_t>(kPeriod)) {
  for (std::size_t i = 0; i < lattice_.size(); ++i) {
    // Trilinear interpolation takes the deviation down to about 0.54 on average over a cell's
    // volume.
    lattice_[i] = NearlyNormal(Scramble(i + 0x5EED)) * 1.75F;
  }
}

float SmoothNoise::At(float x, float y, float z) const {
  const float fx = std::floor(x), fy = std::floor(y), fz = std::floor(z);
  const int ix = static_cast<int>(fx), iy = static_cast<int>(fy), iz = static_cast<int>(fz);
  const float tx = x - fx, ty = y - fy, tz = z - fz;
  float planes[2];
  for (int k = 0; k < 2; ++k) {
    float lines[2];
    for (int j = 0; j < 2; ++j) {
      const float a = lattice_[LatticeIndex(ix, iy + j, iz + k)];
      const float b = lattice_[LatticeIndex(ix + 1, iy + j, iz + k)];
      lines[j] = a + (b - a) * tx;
    }
    planes[k] = lines[0] + (lines[1] - lines[0]) * ty;
  }
  return planes[0] + (planes[1] - planes[0]) * tz;
}

Deformation::Deformation(std::uint64_t seed, double spacing, double amplitude)
    : seed_(seed), spacing_(spacing), amplitude_(amplitude) {}

std::array<double, 3> Deformation::At(double x, double y, double z) const {
  const std::array<double, 3> at = {x / spacing_, y / spacing_, z / spacing_};
  std::array<int, 3> base{};
  std::array<std::array<double, 4>, 3> weights{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double floor = std::floor(at[a]);
    base[a] = static_cast<int>(floor) - 1;
    weights[a] = BSplineWeights(at[a] - floor);
  }
  std::array<double, 3> sum{};
  for (std::size_t k = 0; k < 4; ++k) {
    for (std::size_t j = 0; j < 4; ++j) {
      for (std::size_t i = 0; i < 4; ++i) {
        const auto key = static_cast<std::uint64_t>(
            ((base[2] + static_cast<int>(k) + 512) * 1024 + base[1] + static_cast<int>(j) + 512) *
                1024 +
            base[0] + static_cast<int>(i) + 512);
        const double weight = weights[0][i] * weights[1][j] * weights[2][k];
        for (std::size_t a = 0; a < 3; ++a) {
          sum[a] += weight * static_cast<double>(NearlyNormal(Scramble(seed_ ^ (key * 3 + a))));
        }
      }
    }
  }
  return {sum[0] * amplitude_, sum[1] * amplitude_, sum[2] * amplitude_};
}

void AddNoise(std::vector<float>& slice, int columns, int rows, const ScanNoise& noise) {
  std::vector<float> field(slice.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    field[i] = NearlyNormal(Scramble(noise.seed + i));
  }
  BlurRows(field, columns, rows, noise.kernel);
  BlurColumns(field, columns, rows, noise.kernel);
  // The blur in one direction leaves the power (1 - 2k)^2 + 2 k^2, so the field's deviation is that
  // number itself.
  const float own = 1 - 2 * noise.kernel;
  const float left = own * own + 2 * noise.kernel * noise.kernel;
  const float scale = noise.sigma / left;
  for (std::size_t i = 0; i < slice.size(); ++i) {
    slice[i] += field[i] * scale;
  }
  if (noise.streak <= 0) {
    return;
  }
  for (std::size_t i = 0; i < field.size(); ++i) {
    field[i] = NearlyNormal(Scramble(~noise.seed - i));
  }
  // A running mean over 32 pixels of a row leaves 1/sqrt(32) of the deviation.
  constexpr int kReach = 32;
  const float streak = noise.streak * 5.66F / static_cast<float>(kReach);
  for (int y = 0; y < rows; ++y) {
    const float* line =
        field.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(columns);
    float* out = slice.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(columns);
    float sum = 0;
    for (int x = 0; x < columns; ++x) {
      sum += line[x] - (x >= kReach ? line[x - kReach] : 0);
      out[x] += sum * streak;
    }
  }
}

}  // namespace necknode::phantom
