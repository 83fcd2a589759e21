#pragma once

#include <cstdint>

namespace necknode::phantom {

/// Scrambles 64 bits (the finalizer of SplitMix64): neighbouring inputs give unrelated outputs.
[[nodiscard]] constexpr std::uint64_t Scramble(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// Random numbers that are the same on every machine: integer arithmetic and exact floating-point
/// operations only (std:: distributions and libm differ between libraries). Not thread safe.
class Random {
 public:
  /// `stream` tells apart uses of one seed, so that drawing more in one place changes nothing in
  /// another.
  Random(std::uint64_t seed, std::uint64_t stream) : state_(Scramble(Scramble(seed) ^ stream)) {}

  std::uint64_t Bits() { return Scramble(state_++); }
  /// 0 <= value < 1.
  double Uniform() { return static_cast<double>(Bits() >> 11) * 0x1.0p-53; }
  double Uniform(double low, double high) { return low + (high - low) * Uniform(); }
  /// low <= value <= high.
  int Int(int low, int high) {
    return low + static_cast<int>(Bits() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool Chance(double probability) { return Uniform() < probability; }
  /// Nearly normal (twelve uniforms), never beyond six standard deviations.
  double Normal(double mean, double deviation) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) {
      sum += Uniform();
    }
    return mean + deviation * sum;
  }

 private:
  std::uint64_t state_;
};

}  // namespace necknode::phantom
