#include "pipeline/link_nodes.h"

#include <algorithm>
#include <ostream>
#include <random>

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/pipeline/ellipse_volume.h"

namespace necknode::pipeline {
namespace {

// A square box of `size` pixels around (x, y); a pixel is 0.5 mm.
Detection Found(int slice, double x, double y, double size, double score = 0.9, double logit = 0) {
  return {slice, {x - size / 2, y - size / 2, x + size / 2, y + size / 2}, score, logit};
}

VolumeGrid Grid(double slice_mm) { return tests::SmallGrid(512, 40, 0.5, slice_mm); }

struct LinkCase {
  const char* name;
  double slice_mm;
  std::vector<Detection> detections;
  std::vector<std::vector<int>> expected;  // slices of each node; interpolated ones as -1 - slice
};
void PrintTo(const LinkCase& link, std::ostream* out) { *out << link.name; }

class LinkNodesTest : public testing::TestWithParam<LinkCase> {};

TEST_P(LinkNodesTest, JoinsAsExpected) {
  std::vector<std::vector<int>> slices;
  for (const LymphNode& node : LinkNodes(GetParam().detections, Grid(GetParam().slice_mm))) {
    std::vector<int>& own = slices.emplace_back();
    for (const NodeBox& box : node.boxes)
      own.push_back(box.interpolated ? -1 - box.slice : box.slice);
  }
  EXPECT_EQ(slices, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    ,
    LinkNodesTest,
    testing::Values(
        LinkCase{"Nothing", 2, {}, {}},
        LinkCase{"ThreeSlicesOfOneNode",
                 2,
                 {Found(3, 100, 100, 20), Found(4, 101, 100, 22), Found(5, 102, 101, 18)},
                 {{3, 4, 5}}},
        LinkCase{"OrderOfDetectionsDoesNotMatter",
                 2,
                 {Found(5, 102, 101, 18), Found(3, 100, 100, 20), Found(4, 101, 100, 22)},
                 {{3, 4, 5}}},
        LinkCase{"TwoNodesSideBySide",
                 2,
                 {Found(3, 100, 100, 20),
                  Found(3, 130, 100, 20),
                  Found(4, 131, 100, 20),
                  Found(4, 101, 100, 20)},
                 {{3, 4}, {3, 4}}},
        LinkCase{"DoublesOnOneSliceAreOneNode",
                 2,
                 {Found(3, 100, 100, 20, 0.9), Found(3, 102, 101, 20, 0.6), Found(4, 100, 100, 20)},
                 {{3, 4}}},
        LinkCase{"APoleInsideTheNextSlicesBoxIsLinked",
                 2,
                 {Found(3, 100, 100, 8), Found(4, 104, 100, 24)},
                 {{3, 4}}},
        LinkCase{
            "LittleOverlapIsNotLinked", 2, {Found(3, 100, 100, 20), Found(4, 114, 100, 20)}, {}},
        LinkCase{"TheBetterOverlapWins",
                 2,
                 {Found(3, 100, 100, 20),
                  Found(4, 106, 100, 20),
                  Found(4, 101, 114, 20),
                  Found(4, 100, 99, 20),
                  Found(5, 100, 99, 20)},
                 {{3, 4, 5}}},
        LinkCase{"AGapOfOneSliceIsBridged",
                 2,
                 {Found(3, 100, 100, 20), Found(5, 102, 100, 20)},
                 {{3, -5, 5}}},
        LinkCase{"AGapOfTwoThickSlicesIsNot",
                 2,
                 {Found(3, 100, 100, 20),
                  Found(4, 100, 100, 20),
                  Found(7, 100, 100, 20),
                  Found(8, 100, 100, 20)},
                 {{3, 4}, {7, 8}}},
        LinkCase{"AGapOfThreeThinSlicesIsBridged",
                 1,
                 {Found(3, 100, 100, 20), Found(4, 100, 100, 20), Found(8, 100, 100, 20)},
                 {{3, 4, -6, -7, -8, 8}}},
        LinkCase{"AGapToADistantBoxIsNot",
                 2,
                 {Found(3, 100, 100, 20),
                  Found(4, 100, 100, 20),
                  Found(6, 113, 100, 20),
                  Found(7, 113, 100, 20)},
                 {{3, 4}, {6, 7}}},
        LinkCase{"AWaistPartsTwoNodes",
                 2,
                 {Found(3, 100, 100, 20),
                  Found(4, 100, 100, 20),
                  Found(5, 100, 100, 13),
                  Found(6, 100, 100, 19),
                  Found(7, 100, 100, 19)},
                 {{3, 4}, {5, 6, 7}}},
        LinkCase{"AShallowWaistDoesNot",
                 2,
                 {Found(3, 100, 100, 20), Found(4, 100, 100, 16), Found(5, 100, 100, 20)},
                 {{3, 4, 5}}},
        LinkCase{"AWaistBetweenPeaksTooNearDoesNot",
                 1,
                 {Found(3, 100, 100, 20), Found(4, 100, 100, 13), Found(5, 100, 100, 20)},
                 {{3, 4, 5}}},
        LinkCase{"AJumpOfTheCentrePartsTwoNodes",
                 2,
                 {Found(3, 100, 100, 20),
                  Found(4, 100, 100, 20),
                  Found(5, 110.5, 100, 20),
                  Found(6, 110.5, 100, 20)},
                 {{3, 4}, {5, 6}}},
        LinkCase{"OneBoxOnThinSlicesIsDropped", 2, {Found(3, 100, 100, 20, 0.99)}, {}},
        LinkCase{"TwoBoxesOfTwoMillimetresAreDropped",
                 1,
                 {Found(3, 100, 100, 20), Found(4, 100, 100, 20)},
                 {}},
        LinkCase{"OneCertainBoxOnThickSlicesIsKept", 4, {Found(3, 100, 100, 20, 0.85)}, {{3}}},
        LinkCase{"OneUncertainBoxOnThickSlicesIsDropped", 4, {Found(3, 100, 100, 20, 0.7)}, {}}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(LinkNodes, ScoresByTheThreeBestBoxesAndTakesTheLargestAsKeySlice) {
  const auto nodes = LinkNodes({Found(3, 100, 100, 20, 0.5),
                                Found(4, 100, 100, 24, 0.8),
                                Found(5, 100, 100, 22, 0.9),
                                Found(6, 100, 100, 20, 0.7)},
                               Grid(2));
  ASSERT_EQ(nodes.size(), 1u);
  EXPECT_NEAR(nodes[0].detection_score, 0.8, 1e-12);
  EXPECT_EQ(nodes[0].key_slice, 4);
}

TEST(LinkNodes, InterpolatesBetweenTheGapsNeighbours) {
  const auto nodes =
      LinkNodes({Found(3, 100, 100, 20, 0.6, 1), Found(5, 104, 102, 24, 0.8, 3)}, Grid(2));
  ASSERT_EQ(nodes.size(), 1u);
  const NodeBox& between = nodes[0].boxes[1];
  EXPECT_TRUE(between.interpolated);
  EXPECT_EQ(between.box, Found(4, 102, 101, 22).box);
  EXPECT_NEAR(between.score, 0.7, 1e-12);
  EXPECT_NEAR(between.malignant_logit, 2, 1e-12);
}

TEST(LinkNodes, GivesTheSameNodesWhateverTheOrder) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> place(50, 200), size(8, 30), score(0.3, 1);
  std::vector<Detection> detections;
  for (int slice = 0; slice < 40; ++slice) {
    for (int i = 0; i < 20; ++i)
      detections.push_back(Found(slice, place(random), place(random), size(random), score(random)));
  }
  const auto first = LinkNodes(detections, Grid(2));
  std::ranges::shuffle(detections, random);
  const auto second = LinkNodes(detections, Grid(2));
  ASSERT_EQ(first.size(), second.size());
  ASSERT_GT(first.size(), 0u);
  for (std::size_t i = 0; i < first.size(); ++i) {
    ASSERT_EQ(first[i].boxes.size(), second[i].boxes.size());
    for (std::size_t j = 0; j < first[i].boxes.size(); ++j) {
      EXPECT_EQ(first[i].boxes[j].box, second[i].boxes[j].box);
      EXPECT_EQ(first[i].boxes[j].slice, first[i].boxes[0].slice + static_cast<int>(j))
          << "no gaps";
    }
    EXPECT_FALSE(first[i].boxes.front().interpolated || first[i].boxes.back().interpolated);
  }
}

TEST(LinkNodes, RefusesADetectionOutsideTheVolume) {
  EXPECT_THROW(static_cast<void>(LinkNodes({Found(40, 100, 100, 20)}, Grid(2))), Error);
}

TEST(NodeLogit, WeighsByScoreAndAreaAndLeavesInterpolatedBoxesOut) {
  LymphNode node;
  node.boxes = {{0, {0, 0, 10, 10}, 0.5, 2, false},
                {1, {0, 0, 90, 90}, 1, 50, true},
                {2, {0, 0, 20, 10}, 1, -1, false}};
  EXPECT_NEAR(NodeLogit(node), (0.5 * 100 * 2 + 200 * -1) / (0.5 * 100 + 200), 1e-12);
}

}  // namespace
}  // namespace necknode::pipeline
