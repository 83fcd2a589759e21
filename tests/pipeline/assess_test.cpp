#include "pipeline/assess.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/pipeline/neck_volume.h"

namespace necknode::pipeline {
namespace {

models::Package TestPackage() {
  models::Package package;
  package.name = "test";
  package.version = "3";
  package.digest = "abc";
  package.warning = "NOT FOR CLINICAL USE";
  package.detection_score = 0.4;
  package.malignant_probability = 0.6;
  package.indeterminate_low = 0.4;
  package.indeterminate_high = 0.6;
  package.temperature = 2;
  return package;
}

// A node of three slices around (x, 120) from `slice` on.
void AddNode(std::vector<Detection>& detections, double x, int slice, double score, double logit) {
  for (int z = slice; z < slice + 3; ++z)
    detections.push_back({z, {x - 6, 114, x + 6, 126}, score, logit});
}

TEST(Judge, KnowsTheBandAndTheOperatingPoint) {
  const Thresholds band{0.5, 0.6, 0.4, 0.7}, plain{0.5, 0.6, 0, 0};
  EXPECT_EQ(Judge(0.39, band), Malignancy::kBenign);
  EXPECT_EQ(Judge(0.40, band), Malignancy::kIndeterminate);
  EXPECT_EQ(Judge(0.70, band), Malignancy::kIndeterminate);
  EXPECT_EQ(Judge(0.71, band), Malignancy::kMalignant);
  EXPECT_EQ(Judge(0.59, plain), Malignancy::kBenign);
  EXPECT_EQ(Judge(0.60, plain), Malignancy::kMalignant);
  EXPECT_EQ(Judge(0.00, plain), Malignancy::kBenign);
  EXPECT_EQ(Judge(0.597, plain), Malignancy::kMalignant) << "printed as 0.60";
}

TEST(AssessDetections, NumbersByDescendingProbabilityAndCalibrates) {
  const auto ct = tests::DrawNeck({});
  std::vector<Detection> detections;
  AddNode(detections, 90, 5, 0.9, -4);
  AddNode(detections, 165, 5, 0.8, 4);
  AddNode(detections, 128, 20, 0.7, 0);
  const Assessment assessment = AssessDetections(
      ct.volume, FindSurroundings(ct.volume), detections, TestPackage(), "job", {}, nullptr);
  ASSERT_EQ(assessment.nodes.size(), 3u);
  EXPECT_EQ(assessment.status, AssessmentStatus::kComplete);
  EXPECT_EQ(assessment.first_slice, 0);
  EXPECT_EQ(assessment.last_slice, 39);
  EXPECT_EQ(assessment.model.package, "test");
  EXPECT_EQ(assessment.model.warning, "NOT FOR CLINICAL USE");
  const LymphNode &first = assessment.nodes[0], &second = assessment.nodes[1],
                  &third = assessment.nodes[2];
  EXPECT_EQ(first.Identifier(), "LN-1");
  EXPECT_NEAR(first.probability, 0.88, 1e-9) << "sigmoid(4 / 2)";
  EXPECT_EQ(first.malignancy, Malignancy::kMalignant);
  EXPECT_EQ(first.side, Side::kLeft);
  EXPECT_EQ(second.malignancy, Malignancy::kIndeterminate);
  EXPECT_EQ(second.side, Side::kMidline);
  EXPECT_EQ(third.number, 3);
  EXPECT_EQ(third.malignancy, Malignancy::kBenign);
  EXPECT_EQ(third.side, Side::kRight);
  for (const LymphNode& node : assessment.nodes) {
    EXPECT_TRUE(node.tracking_uid.IsValid());
    EXPECT_EQ(node.short_axis.has_value(), node.not_measured_reason.empty());
  }
  EXPECT_NE(first.tracking_uid, second.tracking_uid);
}

TEST(AssessDetections, BreaksTiesByScoreThenByPosition) {
  const auto ct = tests::DrawNeck({});
  std::vector<Detection> detections;
  AddNode(detections, 90, 20, 0.7, 1);
  AddNode(detections, 150, 5, 0.7, 1);
  AddNode(detections, 110, 5, 0.7, 1);
  AddNode(detections, 128, 30, 0.9, 1);
  const auto nodes =
      AssessDetections(
          ct.volume, FindSurroundings(ct.volume), detections, TestPackage(), "job", {}, nullptr)
          .nodes;
  ASSERT_EQ(nodes.size(), 4u);
  EXPECT_EQ(nodes[0].key_slice, 30);
  EXPECT_EQ(nodes[1].key_slice, 5);
  EXPECT_LT(nodes[1].KeyBox().box.x0, nodes[2].KeyBox().box.x0);
  EXPECT_EQ(nodes[3].key_slice, 20);
}

TEST(AssessDetections, GivesTheSameTwiceAndOtherTrackingUidsToAnotherJob) {
  const auto ct = tests::DrawNeck({});
  const Surroundings surroundings = FindSurroundings(ct.volume);
  std::vector<Detection> detections;
  AddNode(detections, 90, 5, 0.9, -4);
  const Assessment first =
      AssessDetections(ct.volume, surroundings, detections, TestPackage(), "job", {}, nullptr);
  const Assessment second =
      AssessDetections(ct.volume, surroundings, detections, TestPackage(), "job", {}, nullptr);
  const Assessment other =
      AssessDetections(ct.volume, surroundings, detections, TestPackage(), "other", {}, nullptr);
  EXPECT_EQ(DigestOf(first), DigestOf(second));
  EXPECT_NE(first.nodes[0].tracking_uid, other.nodes[0].tracking_uid);
}

TEST(AssessDetections, FindsNothingInNothing) {
  const auto ct = tests::DrawNeck({});
  const Assessment assessment = AssessDetections(
      ct.volume, FindSurroundings(ct.volume), {}, TestPackage(), "job", {}, nullptr);
  EXPECT_TRUE(assessment.nodes.empty());
  EXPECT_EQ(assessment.status, AssessmentStatus::kComplete);
}

}  // namespace
}  // namespace necknode::pipeline
