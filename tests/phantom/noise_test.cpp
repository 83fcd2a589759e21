#include "phantom/noise.h"

#include <cmath>

#include <gtest/gtest.h>

#include "phantom/random.h"

namespace necknode::phantom {
namespace {

TEST(Random, GivesTheSameNumbersEverywhere) {
  Random random(7, 3);
  EXPECT_EQ(random.Bits(), Random(7, 3).Bits());
  EXPECT_NE(random.Bits(), Random(7, 4).Bits());
  EXPECT_EQ(Scramble(1), 10451216379200822465ULL);
}

TEST(Random, DrawsWithinItsBoundsAndWithItsMoments) {
  Random random(1, 1);
  double sum = 0, squares = 0;
  constexpr int kCount = 20000;
  for (int i = 0; i < kCount; ++i) {
    const double value = random.Normal(10, 2);
    sum += value;
    squares += (value - 10) * (value - 10);
    const int dice = random.Int(1, 6);
    ASSERT_TRUE(dice >= 1 && dice <= 6);
  }
  EXPECT_NEAR(sum / kCount, 10, 0.06);
  EXPECT_NEAR(std::sqrt(squares / kCount), 2, 0.05);
}

TEST(SmoothNoise, IsSmoothAndOfUnitDeviation) {
  const auto& noise = SmoothNoise::Instance();
  double squares = 0;
  Random random(2, 2);
  constexpr int kCount = 20000;
  for (int i = 0; i < kCount; ++i) {
    const auto x = static_cast<float>(random.Uniform(-90, 90));
    const auto y = static_cast<float>(random.Uniform(-90, 90));
    const float here = noise.At(x, y, 0.5F * x);
    squares += static_cast<double>(here * here);
    EXPECT_NEAR(noise.At(x + 0.01F, y, 0.5F * x), here, 0.15);
    EXPECT_NEAR(noise.At(x + SmoothNoise::kPeriod, y, 0.5F * x), here, 1e-3);
  }
  EXPECT_NEAR(std::sqrt(squares / kCount), 1, 0.12);
}

TEST(Deformation, NeverFoldsTheAnatomy) {
  const Deformation bend(5, 38, 2.6);
  for (int i = 0; i < 2000; ++i) {
    const double x = i * 0.37 - 300, y = i * 0.11 - 100, z = i * 0.05;
    const auto here = bend.At(x, y, z), there = bend.At(x + 1, y, z);
    EXPECT_GT(1 + there[0] - here[0], 0.5);
    EXPECT_LT(std::abs(here[1]), 12);
  }
}

TEST(AddNoise, HasTheDeviationAskedForAndIsCorrelated) {
  constexpr int kSize = 256;
  std::vector<float> slice(kSize * kSize, 0.0F);
  AddNoise(slice, kSize, kSize, {42, 10, 0.2F, 0});
  double squares = 0, neighbours = 0;
  for (std::size_t i = 0; i + 1 < slice.size(); ++i) {
    squares += static_cast<double>(slice[i] * slice[i]);
    neighbours += static_cast<double>(slice[i] * slice[i + 1]);
  }
  const double variance = squares / (kSize * kSize);
  EXPECT_NEAR(std::sqrt(variance), 10, 0.5);
  EXPECT_GT(neighbours / (kSize * kSize) / variance, 0.3);
}

}  // namespace
}  // namespace necknode::phantom
