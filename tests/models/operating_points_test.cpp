#include "models/operating_points.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace necknode::models {
namespace {

double Logit(double p) { return std::log(p / (1 - p)); }

TEST(DetectionChoices, EachRuleHasItsThreshold) {
  const std::vector<MatchedBox> matches = {
      {0.9, 0, 0, 0}, {0.8, 1, 0, 1}, {0.6, -1, 0, 2}, {0.5, -1, 0, 3}, {0.4, 2, 0, 4}};
  const auto choices = DetectionChoices(matches, 3, 4);
  ASSERT_EQ(choices.size(), 5U);
  EXPECT_DOUBLE_EQ(*choices[0].threshold, 0.7) << "F1 0.8";
  EXPECT_DOUBLE_EQ(*choices[2].threshold, 0.2) << "only the last box makes 3 of 3";
  EXPECT_DOUBLE_EQ(*choices[3].threshold, 0.55) << "one false box on four slices";
  EXPECT_DOUBLE_EQ(*choices[4].threshold, 0.2);
  EXPECT_FALSE(DetectionChoices(matches, 30, 4)[1].threshold.has_value()) << "3 of 30 at most";
}

TEST(MalignancyChoices, EachRuleHasItsThreshold) {
  std::vector<JudgedBox> judged;
  for (int i = 1; i < 20; ++i) {
    judged.push_back({Logit(0.05 * i), i > 10 || i == 3});
  }
  // Malignant: 0.15, 0.55 ... 0.95 (10); benign: the other 9 up to 0.50.
  const auto choices = MalignancyChoices(judged, 1);
  ASSERT_EQ(choices.size(), 5U);
  EXPECT_DOUBLE_EQ(*choices[0].threshold, 0.5);
  EXPECT_NEAR(*choices[1].threshold, 0.525, 1e-9) << choices[1].rule;
  EXPECT_NEAR(*choices[2].threshold, 0.525, 1e-9) << choices[2].rule;
  EXPECT_NEAR(*choices[3].threshold, 0.125, 1e-9) << "all ten";
  EXPECT_NEAR(*choices[4].threshold, 0.525, 1e-9) << "no benign one of nine";
  EXPECT_EQ(MalignancyChoices(std::vector<JudgedBox>{{1, true}}, 1).size(), 1U);
}

TEST(ReliabilityOf, CountsEachBinWithItsInterval) {
  const std::vector<JudgedBox> judged = {
      {Logit(0.62), true}, {Logit(0.68), false}, {Logit(0.66), true}, {50, true}};
  const auto bins = ReliabilityOf(judged, 1, 10);
  ASSERT_EQ(bins.size(), 10U);
  EXPECT_EQ(bins[6].count, 3);
  EXPECT_NEAR(bins[6].mean_probability, (0.62 + 0.68 + 0.66) / 3, 1e-12);
  EXPECT_NEAR(bins[6].malignant.value, 2.0 / 3, 1e-12);
  EXPECT_NEAR(bins[6].malignant.low, WilsonInterval(2, 3).low, 1e-12);
  EXPECT_EQ(bins[9].count, 1) << "probability 1 is in the last bin";
  EXPECT_EQ(bins[0].count, 0);
}

}  // namespace
}  // namespace necknode::models
