#include "training/anchor_design.h"

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "phantom/random.h"

namespace necknode::training {
namespace {

const std::vector<std::int64_t> kStrides = {4, 8, 16, 32, 64};

/// Boxes of `sizes` in unequal numbers, 2% of scatter, and three shapes in equal numbers.
std::vector<BoxSize> Clusters(const std::vector<double>& sizes, double ratio = 2) {
  phantom::Random random(3, 1);
  std::vector<BoxSize> boxes;
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    for (std::size_t i = 0; i < 60 * (c + 1); ++i) {
      const double size = sizes[c] * std::exp(random.Normal(0, 0.02));
      const double side = std::sqrt(std::pow(ratio, static_cast<int>(i % 3) - 1));
      boxes.push_back({size / side, size * side});
    }
  }
  return boxes;
}

TEST(DesignAnchors, FindsKnownClusters) {
  const std::vector<double> sizes = {9, 14, 21, 33, 50};
  const auto designed = DesignAnchors(Clusters(sizes, 1.8));
  ASSERT_EQ(designed.sizes.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(designed.sizes[i], sizes[i], 0.02 * sizes[i]);
  }
  ASSERT_EQ(designed.ratios.size(), 3U);
  EXPECT_NEAR(designed.ratios[0], 1 / 1.8, 0.01);
  EXPECT_NEAR(designed.ratios[1], 1, 0.01);
  EXPECT_NEAR(designed.ratios[2], 1.8, 0.01);
}

TEST(DesignAnchors, MeetsItsBoxesBetterThanAnchorsOfOtherSizes) {
  const auto boxes = Clusters({6, 8, 11, 15, 19}, 1.4);
  const auto designed = FitOf(DesignAnchors(boxes), boxes, kStrides);
  const auto given = FitOf({{16, 24, 36, 40, 56}, {0.5, 1, 2}}, boxes, kStrides);
  EXPECT_GT(designed.mean_best_iou, given.mean_best_iou + 0.1);
  EXPECT_GT(designed.recall_50, given.recall_50);
}

TEST(DesignAnchors, SpreadsAnchorsOfBoxesThatAreAllAlike) {
  const auto designed = DesignAnchors({{20, 20}, {20, 20}, {20, 20}});
  ASSERT_EQ(designed.sizes.size(), 5U);
  EXPECT_DOUBLE_EQ(designed.sizes[0], 20);
  for (const auto* values : {&designed.sizes, &designed.ratios}) {
    for (std::size_t i = 1; i < values->size(); ++i) {
      EXPECT_GE((*values)[i], 1.05 * (*values)[i - 1]);
    }
  }
  EXPECT_THROW((void)DesignAnchors({}), Error);
}

TEST(FitOf, CountsTheGridsDistance) {
  // A box of an anchor's own size: on a fine grid it is met, on a coarse one seldom.
  const AnchorSet one{{16}, {1}};
  const std::vector<BoxSize> box = {{16, 16}};
  const auto fine = FitOf(one, box, {4});
  const auto coarse = FitOf(one, box, {64});
  EXPECT_GT(fine.mean_best_iou, 0.75);
  EXPECT_DOUBLE_EQ(fine.recall_50, 1);
  EXPECT_LT(coarse.mean_best_iou, 0.2);
  EXPECT_LT(coarse.recall_50, 0.2);
  EXPECT_THROW((void)FitOf(one, box, kStrides), Error) << "one size for five levels";
}

TEST(AnchorsAsJson, StatesBothSets) {
  const auto boxes = Clusters({9, 14, 21, 33, 50});
  const auto json =
      AnchorsAsJson(DesignAnchors(boxes), {{16, 24, 36, 40, 56}, {0.5, 1, 2}}, boxes, kStrides);
  EXPECT_EQ(json["boxes"], 900);
  EXPECT_EQ(json["given_before"]["sizes"][0], 16);
  EXPECT_GT(json["designed"]["recall_at_iou_0.7"], 0);
}

TEST(SizesAt, AreInThePixelsOfTheNetwork) {
  const auto sizes = SizesAt({{10, 20, 9, 18, 0.1, false}}, 0.45);
  EXPECT_DOUBLE_EQ(sizes[0].width, 20);
  EXPECT_DOUBLE_EQ(sizes[0].height, 40);
}

}  // namespace
}  // namespace necknode::training
