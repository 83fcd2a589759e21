#include "models/statistics.h"

#include <numeric>

#include <gtest/gtest.h>

#include "core/error.h"

namespace necknode::models {
namespace {

TEST(McNemarExact, GivesPublishedAndCountedValues) {
  // Agresti, Categorical Data Analysis: approval of the prime minister, 86 and 150 changed their
  // mind; R's exact2x2 gives 3.716e-05.
  EXPECT_NEAR(McNemarExact(86, 150).p, 3.715936139571442e-05, 1e-13);
  // 2 (1 + 12 + 66) / 2^12.
  EXPECT_NEAR(McNemarExact(2, 10).p, 158.0 / 4096, 1e-14);
  EXPECT_NEAR(McNemarExact(0, 6).p, 2.0 / 64, 1e-14);
  EXPECT_DOUBLE_EQ(McNemarExact(10, 2).p, McNemarExact(2, 10).p);
}

TEST(McNemarExact, IsOneWithoutAnyDifference) {
  EXPECT_DOUBLE_EQ(McNemarExact(0, 0).p, 1);
  EXPECT_DOUBLE_EQ(McNemarExact(5, 5).p, 1);
  EXPECT_THROW((void)McNemarExact(-1, 2), Error);
}

TEST(McNemarExact, HoldsForThousandsOfCases) {
  // By integer arithmetic; the coefficients have 1,800 digits.
  EXPECT_NEAR(McNemarExact(2900, 3100).p, 0.010191041523412898, 1e-10);
}

TEST(ResamplePatients, DrawsAsManyAsThereAreAndIsSeeded) {
  const auto resamples = ResamplePatients(7, 50, 3);
  ASSERT_EQ(resamples.size(), 50U);
  for (const auto& drawn : resamples) {
    EXPECT_EQ(std::accumulate(drawn.begin(), drawn.end(), 0), 7);
  }
  EXPECT_EQ(resamples, ResamplePatients(7, 50, 3));
  EXPECT_NE(resamples, ResamplePatients(7, 50, 4));
  EXPECT_TRUE(ResamplePatients(0, 50, 3).empty());
}

TEST(PercentileInterval, TakesTheOuterFortieths) {
  std::vector<double> values(1001);
  std::iota(values.rbegin(), values.rend(), 0.0);
  const auto interval = PercentileInterval(400, values, 10);
  EXPECT_DOUBLE_EQ(interval.value, 400);
  EXPECT_DOUBLE_EQ(interval.low, 25);
  EXPECT_DOUBLE_EQ(interval.high, 975);
  EXPECT_DOUBLE_EQ(PercentileInterval(0.3, {}, 10).high, 1);
}

TEST(PercentileInterval, IsNotCertainWhereAllResamplesAgree) {
  const auto interval = PercentileInterval(1, std::vector<double>(100, 1.0), 20);
  EXPECT_DOUBLE_EQ(interval.low, WilsonInterval(20, 20).low);
  EXPECT_DOUBLE_EQ(interval.high, 1);
}

}  // namespace
}  // namespace necknode::models
