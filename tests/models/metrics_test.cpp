#include "models/metrics.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "core/error.h"

namespace necknode::models {
namespace {

constexpr Box kUnit{0, 0, 10, 10};

TEST(WilsonInterval, GivesThePublishedIntervals) {
  // The figures of the paper's 30 benign and 172 malignant test nodes.
  const auto tnr = WilsonInterval(24, 30);
  EXPECT_DOUBLE_EQ(tnr.value, 0.8);
  EXPECT_NEAR(tnr.low, 0.627, 5e-4);
  EXPECT_NEAR(tnr.high, 0.905, 5e-4);
  const auto tpr = WilsonInterval(170, 172);
  EXPECT_NEAR(tpr.low, 0.959, 5e-4);
  EXPECT_NEAR(tpr.high, 0.997, 5e-4);
}

TEST(WilsonInterval, StaysWithinZeroAndOne) {
  EXPECT_DOUBLE_EQ(WilsonInterval(0, 5).low, 0);
  EXPECT_NEAR(WilsonInterval(0, 5).high, 0.4345, 1e-4);
  EXPECT_DOUBLE_EQ(WilsonInterval(5, 5).high, 1);
  EXPECT_DOUBLE_EQ(WilsonInterval(0, 0).high, 1);
  EXPECT_THROW((void)WilsonInterval(3, 2), Error);
}

TEST(AucWithInterval, CountsPairsAndHalvesTies) {
  const std::vector<double> positives = {3, 2, 2};
  const std::vector<double> negatives = {1, 2};
  // 3 > 1, 3 > 2, 2 > 1 twice, 2 = 2 twice: 4 + 2 / 2 of 6.
  EXPECT_DOUBLE_EQ(AucWithInterval(positives, negatives).value, 5.0 / 6);
}

TEST(AucWithInterval, GivesDeLongsVariance) {
  const std::vector<double> positives = {4, 3, 1};
  const std::vector<double> negatives = {2, 0};
  // Placements of positives 1, 1, 0.5 (variance 1/12), of negatives 2/3, 1 (variance 1/18).
  const double auc = 5.0 / 6;
  const double deviation = std::sqrt(1.0 / 12 / 3 + 1.0 / 18 / 2);
  const double half = 1.959963984540054 * deviation / (auc * (1 - auc));
  const double logit = std::log(auc / (1 - auc));
  const auto interval = AucWithInterval(positives, negatives);
  EXPECT_DOUBLE_EQ(interval.value, auc);
  EXPECT_NEAR(interval.low, 1 / (1 + std::exp(half - logit)), 1e-12);
  EXPECT_NEAR(interval.high, 1 / (1 + std::exp(-half - logit)), 1e-12);
}

TEST(AucWithInterval, IsHonestAboutPerfectSeparationOfFew) {
  const std::vector<double> positives = {2, 3, 4};
  const std::vector<double> negatives = {0, 1};
  const auto interval = AucWithInterval(positives, negatives);
  EXPECT_DOUBLE_EQ(interval.value, 1);
  EXPECT_LT(interval.low, 0.5);
  EXPECT_DOUBLE_EQ(interval.high, 1);
  EXPECT_DOUBLE_EQ(AucWithInterval(positives, {}).low, 0);
}

TEST(MatchBoxesToTruth, GivesEachTruthToTheBestScoreOnly) {
  const std::vector<TrueBox> truths = {{0, kUnit, 0}, {1, kUnit, 1}};
  const std::vector<ScoredBox> scored = {{0, {0, 0, 10, 9}, 0.6, 0},
                                         {0, {0, 0, 10, 8}, 0.9, 0},
                                         {1, {5, 5, 15, 15}, 0.8, 1},
                                         {2, kUnit, 0.7, 2}};
  const auto matches = MatchBoxesToTruth(scored, truths, 0.5);
  ASSERT_EQ(matches.size(), 4U);
  EXPECT_EQ(matches[0].scored, 1);
  EXPECT_EQ(matches[0].truth, 0);
  EXPECT_EQ(matches[1].truth, -1) << "IoU 25 / 175";
  EXPECT_EQ(matches[2].truth, -1) << "another image";
  EXPECT_EQ(matches[3].truth, -1) << "already found";
}

TEST(MatchBoxesToTruth, PrefersTheHigherOverlap) {
  const std::vector<TrueBox> truths = {{0, {0, 0, 10, 10}, 0}, {0, {2, 0, 12, 10}, 0}};
  const std::vector<ScoredBox> scored = {{0, {2, 0, 12, 10}, 0.9, 0}};
  EXPECT_EQ(MatchBoxesToTruth(scored, truths, 0.5).front().truth, 1);
}

TEST(AveragePrecision, IsTheMeanOver101Recalls) {
  // Found, false, found of 2 truths: precision 1 up to recall 0.5 (51 points), then 2/3.
  const std::vector<MatchedBox> matches = {{0.9, 0, 0, 0}, {0.8, -1, 0, 1}, {0.7, 1, 0, 2}};
  EXPECT_NEAR(AveragePrecision(matches, 2), (51 + 50 * 2.0 / 3) / 101, 1e-12);
  EXPECT_NEAR(AveragePrecision(matches, 4), (26 + 25 * 2.0 / 3) / 101, 1e-12);
  EXPECT_DOUBLE_EQ(AveragePrecision({}, 2), 0);
  EXPECT_DOUBLE_EQ(AveragePrecision(matches, 0), 0);
}

TEST(AveragePrecision50To95, CountsTheThresholdsThatABoxReaches) {
  const std::vector<TrueBox> truths = {{0, kUnit, 0}};
  const std::vector<ScoredBox> scored = {{0, {0, 0, 10, 7.7}, 0.9, 0}};
  EXPECT_NEAR(AveragePrecision50To95(scored, truths), 0.6, 1e-12) << "0.50 to 0.75";
}

TEST(AveragePrecisionWithInterval, SpreadsOverPatientsAndIsSeeded) {
  std::vector<TrueBox> truths;
  std::vector<ScoredBox> scored;
  for (int patient = 0; patient < 20; ++patient) {
    truths.push_back({patient, kUnit, patient});
    if (patient % 4 != 0) {
      scored.push_back({patient, kUnit, 0.9 - 0.01 * patient, patient});
    }
  }
  const auto interval = AveragePrecisionWithInterval(scored, truths, 0.5, 500, 7);
  EXPECT_NEAR(interval.value, 76.0 / 101, 1e-12);
  EXPECT_GT(interval.low, 0.4);
  EXPECT_LT(interval.low, 0.68);
  EXPECT_GT(interval.high, 0.82);
  const auto again = AveragePrecisionWithInterval(scored, truths, 0.5, 500, 7);
  EXPECT_EQ(interval.low, again.low);
  EXPECT_EQ(interval.high, again.high);
}

TEST(AveragePrecisionWithInterval, LeavesOutResamplesThatHoldNoNode) {
  // The second patient has no node and no box: half of a resample of two may hold nothing.
  const std::vector<TrueBox> truths = {{0, {0, 0, 10, 10}, 0}};
  const std::vector<ScoredBox> scored = {{0, {0, 0, 10, 10}, 0.9, 0}, {1, {0, 0, 9, 9}, 0.1, 1}};
  const Interval found = AveragePrecisionWithInterval(scored, truths, 0.5, 200, 1);
  EXPECT_EQ(found.value, 1);
  EXPECT_GT(found.low, 0);
  EXPECT_TRUE(std::isnan(AveragePrecisionWithInterval(scored, {}, 0.5, 200, 1).value));
}

TEST(OperatingPoint, HasTheHighestF1AndItsRates) {
  const std::vector<MatchedBox> matches = {
      {0.9, 0, 0, 0}, {0.8, 1, 0, 1}, {0.6, -1, 0, 2}, {0.5, -1, 0, 3}, {0.4, 2, 0, 4}};
  const auto best = BestF1Point(matches, 3);
  EXPECT_DOUBLE_EQ(best.score, 0.7);
  EXPECT_DOUBLE_EQ(best.Recall(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(best.Precision(), 1);
  EXPECT_DOUBLE_EQ(best.F1(), 0.8);
  const auto low = PointAt(matches, 3, 0.4);
  EXPECT_EQ(low.found, 3);
  EXPECT_EQ(low.false_positives, 2);
}

std::vector<JudgedBox> OverconfidentJudge() {
  // Says 4 (0.982) or -4, is right in 3 of 4: the calibrated logit is log(3).
  std::vector<JudgedBox> judged;
  for (int i = 0; i < 400; ++i) {
    const bool malignant = i % 2 == 0;
    const bool right = i % 8 < 6;
    judged.push_back({malignant == right ? 4.0 : -4.0, malignant});
  }
  return judged;
}

TEST(FitTemperature, CoolsAnOverconfidentJudge) {
  const auto judged = OverconfidentJudge();
  const double temperature = FitTemperature(judged);
  EXPECT_NEAR(temperature, 4 / std::log(3.0), 1e-3);
  EXPECT_NEAR(ExpectedCalibrationError(judged, 1), 0.982 - 0.75, 1e-3);
  EXPECT_NEAR(ExpectedCalibrationError(judged, temperature), 0, 1e-4);
  EXPECT_DOUBLE_EQ(FitTemperature(std::vector<JudgedBox>{{1, true}}), 1);
}

TEST(BestProbabilityThreshold, SeparatesWhereTheClassesPart) {
  const std::vector<JudgedBox> judged = {{-3, false}, {-1, false}, {0.5, true}, {2, true}};
  const double threshold = BestProbabilityThreshold(judged, 1);
  EXPECT_GT(threshold, 1 / (1 + std::exp(1.0)));
  EXPECT_LT(threshold, 1 / (1 + std::exp(-0.5)));
  const auto figures = JudgeClassifier(judged, 1, threshold);
  EXPECT_EQ(figures.true_positives, 2);
  EXPECT_EQ(figures.true_negatives, 2);
  EXPECT_DOUBLE_EQ(figures.accuracy.value, 1);
  EXPECT_DOUBLE_EQ(figures.auc.value, 1);
}

}  // namespace
}  // namespace necknode::models
