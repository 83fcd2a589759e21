#pragma once

#include <cstdint>
#include <random>

namespace necknode::training {

/// Random numbers that are the same on every machine: the standard's distributions are not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  /// In [low, high).
  double Uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() >> 11) * 0x1.0p-53;
  }
  /// 0 .. count - 1; `count` > 0.
  std::size_t Index(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  bool Chance(double probability) { return Uniform(0, 1) < probability; }
  std::uint64_t Seed() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace necknode::training
