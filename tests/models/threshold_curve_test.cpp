#include "models/threshold_curve.h"

#include <vector>

#include <gtest/gtest.h>

#include "core/error.h"

namespace necknode::models {
namespace {

constexpr Box kHere{0, 0, 10, 10};
constexpr Box kThere{40, 40, 50, 50};

/// Patient 0: one node on slices 4 and 5 (images 0, 1). Patient 1: one node on slice 9 (image 3)
/// and an empty slice 8 (image 2).
struct TwoStudies {
  std::vector<TrueBox> truths = {{0, kHere, 0}, {1, kHere, 0}, {3, kHere, 1}};
  std::vector<int> node_of_truth = {0, 0, 1};
  std::vector<ImagePlace> places = {{0, 4}, {0, 5}, {1, 8}, {1, 9}};
  std::vector<std::int64_t> studies = {1, 1};
  std::vector<ScoredBox> scored = {{0, kHere, 0.9, 0},
                                   {1, kHere, 0.8, 0},
                                   {2, kThere, 0.7, 1},
                                   {3, kThere, 0.6, 1},
                                   {3, kHere, 0.5, 1},
                                   {0, kThere, 0.4, 0}};
};

TEST(FrocOfImages, CountsBoxesAgainstFalseOnesAnImage) {
  const TwoStudies data;
  const auto matches = MatchBoxesToTruth(data.scored, data.truths, 0.5);
  const std::vector<std::int64_t> images = {2, 2};
  const auto points = PointsOf(FrocOfImages(matches, data.truths, images));
  ASSERT_EQ(points.size(), 7U);
  EXPECT_DOUBLE_EQ(points[2].sensitivity, 2.0 / 3);
  EXPECT_DOUBLE_EQ(points[2].false_positives, 0);
  EXPECT_DOUBLE_EQ(points[4].false_positives, 0.5);
  EXPECT_DOUBLE_EQ(points[5].sensitivity, 1);
  EXPECT_DOUBLE_EQ(points[6].false_positives, 0.75);
}

TEST(FrocOfStudies, FindsANodeOnceOnAnyOfItsSlices) {
  const TwoStudies data;
  const auto curve =
      FrocOfStudies(data.scored, data.truths, data.node_of_truth, data.places, data.studies, 0.5);
  EXPECT_EQ(curve.targets, (std::vector<std::int64_t>{1, 1}));
  const auto points = PointsOf(curve);
  // Found at 0.9; false at 0.7, which the box at 0.6 on the next slice continues; found at 0.5;
  // false at 0.4.
  ASSERT_EQ(points.size(), 5U);
  EXPECT_DOUBLE_EQ(points[1].sensitivity, 0.5);
  EXPECT_DOUBLE_EQ(points[2].false_positives, 0.5);
  EXPECT_DOUBLE_EQ(points[2].score, 0.7);
  EXPECT_DOUBLE_EQ(points[3].score, 0.5);
  EXPECT_DOUBLE_EQ(points[3].sensitivity, 1);
  EXPECT_DOUBLE_EQ(points[4].false_positives, 1);
}

TEST(FrocOfStudies, ABoxBeyondTheNodesEndBelongsToTheNode) {
  const std::vector<TrueBox> truths = {{0, kHere, 0}};
  const std::vector<ScoredBox> scored = {
      {0, kHere, 0.9, 0}, {1, kHere, 0.8, 0}, {2, kHere, 0.7, 0}};
  const std::vector<int> node = {0};
  const std::vector<ImagePlace> places = {{0, 4}, {0, 5}, {0, 7}};
  const std::vector<std::int64_t> studies = {1};
  const auto curve = FrocOfStudies(scored, truths, node, places, studies, 0.5);
  ASSERT_EQ(curve.events.size(), 2U) << "slice 5 continues slice 4, slice 7 is apart";
  EXPECT_FALSE(curve.events[1].hit);
  EXPECT_DOUBLE_EQ(curve.events[1].score, 0.7);
}

TEST(FrocOfStudies, RefusesTruthWithoutItsNode) {
  const TwoStudies data;
  const std::vector<int> two = {0, 0};
  EXPECT_THROW((void)FrocOfStudies(data.scored, data.truths, two, data.places, data.studies, 0.5),
               Error);
}

TEST(RocOf, RunsFromNothingToAllWithTiesInOneStep) {
  const std::vector<JudgedBox> judged = {{3, true}, {2, true}, {2, false}, {1, false}};
  const auto points = PointsOf(RocOf(judged));
  ASSERT_EQ(points.size(), 4U);
  EXPECT_DOUBLE_EQ(points[1].sensitivity, 0.5);
  EXPECT_DOUBLE_EQ(points[1].false_positives, 0);
  EXPECT_DOUBLE_EQ(points[2].sensitivity, 1);
  EXPECT_DOUBLE_EQ(points[2].false_positives, 0.5);
  EXPECT_DOUBLE_EQ(points[3].false_positives, 1);
}

TEST(SensitivitiesAt, TakesTheLastPointThatKeepsToTheRate) {
  const TwoStudies data;
  const auto curve =
      FrocOfStudies(data.scored, data.truths, data.node_of_truth, data.places, data.studies, 0.5);
  const std::vector<double> rates = {0.25, 0.5, 1, 4};
  const auto at = SensitivitiesAt(curve, rates, 200, 1);
  ASSERT_EQ(at.size(), 4U);
  EXPECT_DOUBLE_EQ(at[0].sensitivity.value, 0.5);
  EXPECT_DOUBLE_EQ(at[0].score, 0.9);
  EXPECT_DOUBLE_EQ(at[1].sensitivity.value, 1);
  EXPECT_TRUE(at[2].reached);
  EXPECT_FALSE(at[3].reached) << "the detector gives one false finding a study and no more";
  EXPECT_DOUBLE_EQ(at[3].score, 0.4);
}

TEST(SensitivitiesAt, IntervalsSpreadOverPatientsNotBoxes) {
  // Ten patients of ten targets each: five wholly found, five not. Over boxes the interval would be
  // 0.40 to 0.60; over patients it is 0.2 to 0.8.
  ThresholdCurve curve;
  curve.targets.assign(10, 10);
  curve.units.assign(10, 1);
  for (int patient = 0; patient < 5; ++patient) {
    curve.events.insert(curve.events.end(), 10, {0.5, patient, true});
  }
  const std::vector<double> rates = {1};
  const auto at = SensitivitiesAt(curve, rates, 2000, 1).front();
  EXPECT_DOUBLE_EQ(at.sensitivity.value, 0.5);
  EXPECT_NEAR(at.sensitivity.low, 0.2, 1e-9);
  EXPECT_NEAR(at.sensitivity.high, 0.8, 1e-9);
}

TEST(SensitivitiesAt, NothingToFindIsUnknown) {
  const std::vector<double> rates = {1, 2};
  const auto at = SensitivitiesAt(ThresholdCurve{}, rates, 10, 1);
  ASSERT_EQ(at.size(), 2U);
  EXPECT_DOUBLE_EQ(at[1].sensitivity.high, 1);
  EXPECT_FALSE(at[1].reached);
}

}  // namespace
}  // namespace necknode::models
