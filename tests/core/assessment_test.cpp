#include "core/assessment.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace necknode {
namespace {

Assessment OneNode() {
  Assessment assessment;
  LymphNode node;
  node.number = 1;
  node.tracking_uid = Uid("2.25.1");
  node.boxes = {{3, {10.1, 20.2, 30.3, 40.4}, 0.876, 1.234, false}};
  node.key_slice = 3;
  node.detection_score = 0.8761;
  node.probability = 0.9149;
  node.short_axis = Diameter{8.26, {1.1, 2.2, 3.3, 4.4}};
  node.mean_hu = 87.4;
  node.volume_mm3 = 1234;
  node.earlier = EarlierFinding{EarlierState::kMatched, "20240503", "LN-2", 7.14, ""};
  assessment.comparison = Comparison{Uid("1.2.3"), "20240503", 0.934, 5, ""};
  assessment.nodes = {node};
  return assessment;
}

TEST(Round, RoundsWhatTheOutputsPrint) {
  Assessment assessment = OneNode();
  Round(assessment);
  const LymphNode& node = assessment.nodes[0];
  EXPECT_EQ(node.boxes[0].box, (Box{10.0, 20.25, 30.25, 40.5}));
  EXPECT_DOUBLE_EQ(node.probability, 0.91);
  EXPECT_DOUBLE_EQ(node.detection_score, 0.88);
  EXPECT_NEAR(node.short_axis->length_mm, 8.3, 1e-9);
  EXPECT_DOUBLE_EQ(node.short_axis->endpoints[1], 2.25);
  EXPECT_DOUBLE_EQ(*node.mean_hu, 87);
  EXPECT_DOUBLE_EQ(*node.volume_mm3, 1230);
  EXPECT_DOUBLE_EQ(*node.earlier->short_axis_mm, 7.1);
  EXPECT_NEAR(node.ShortAxisChange().value(), 1.2, 1e-9);
  EXPECT_DOUBLE_EQ(*assessment.comparison->quality, 0.93);
}

TEST(Round, ChangesNothingTheSecondTime) {
  Assessment once = OneNode();
  Round(once);
  Assessment twice = once;
  Round(twice);
  EXPECT_EQ(DigestOf(once), DigestOf(twice));
}

TEST(DigestOf, DiffersWithEveryStatement) {
  Assessment base = OneNode();
  Round(base);
  std::vector<Assessment> others(15, base);
  others[0].nodes[0].probability = 0.92;
  others[1].nodes[0].boxes[0].box.x0 += 0.25;
  others[2].nodes[0].short_axis.reset();
  others[3].nodes[0].side = Side::kLeft;
  others[4].status = AssessmentStatus::kPartial;
  others[5].model.digest = "x";
  others[6].broken_limits = {"slice thickness"};
  others[7].nodes[0].earlier.reset();
  others[8].nodes[0].earlier->state = EarlierState::kUnsure;
  others[9].nodes[0].earlier->short_axis_mm = 7.2;
  others[10].nodes[0].earlier->identifier = "LN-1";
  others[11].nodes[0].earlier->reason = "x";
  others[12].comparison.reset();
  others[13].comparison->quality = 0.92;
  others[14].comparison->reason = "x";
  for (std::size_t i = 0; i < others.size(); ++i)
    EXPECT_NE(DigestOf(base), DigestOf(others[i])) << i;
}

TEST(LymphNode, HasGrownOnlyWhereItWasMeasuredTwice) {
  LymphNode node = OneNode().nodes[0];
  EXPECT_TRUE(node.ShortAxisChange());
  LymphNode unmeasured = node, unmatched = node, alone = node;
  unmeasured.short_axis.reset();
  unmatched.earlier->short_axis_mm.reset();
  alone.earlier.reset();
  for (const LymphNode& other : {unmeasured, unmatched, alone})
    EXPECT_FALSE(other.ShortAxisChange());
}

TEST(LymphNode, KeyBoxIsTheBoxOnTheKeySlice) {
  LymphNode node = OneNode().nodes[0];
  EXPECT_EQ(node.KeyBox().slice, 3);
  EXPECT_EQ(node.Identifier(), "LN-1");
  node.key_slice = 4;
  EXPECT_THROW((void)node.KeyBox(), Error);
}

}  // namespace
}  // namespace necknode
