#include "models/box_ops.h"

#include <cmath>

#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::array<double, 4> kWeights = {10, 10, 5, 5};

TEST(BoxIou, MatchesHandComputedOverlaps) {
  const torch::Tensor iou =
      BoxIou(Boxes({{0, 0, 4, 4}}), Boxes({{2, 2, 6, 6}, {0, 0, 4, 4}, {4, 0, 8, 4}}));
  EXPECT_THAT(ValuesOf(iou), ElementsAre(DoubleNear(4.0 / 28.0, 1e-7), 1.0, 0.0));
}

TEST(BoxIou, IsZeroForBoxesWithoutArea) {
  EXPECT_THAT(ValuesOf(BoxIou(Boxes({{3, 3, 3, 3}}), Boxes({{3, 3, 3, 3}, {0, 0, 9, 9}}))),
              ElementsAre(0.0, 0.0));
}

TEST(BoxIou, OfNoBoxesHasNoRows) {
  EXPECT_EQ(BoxIou(torch::empty({0, 4}), Boxes({{0, 0, 1, 1}})).sizes(),
            (std::vector<std::int64_t>{0, 1}));
}

TEST(BoxIou, NamesTheShapeItRefuses) {
  EXPECT_THAT(ErrorOf([] {
                (void)BoxIou(torch::zeros({2, 5}), torch::zeros({1, 4}));
              }),
              HasSubstr("boxes a have shape [2, 5]"));
  EXPECT_THAT(ErrorOf([] {
                (void)BoxArea(torch::zeros({1, 4}, torch::kLong));
              }),
              HasSubstr("floating"));
}

TEST(ClipBoxes, ClampsXToTheWidthAndYToTheHeight) {
  EXPECT_THAT(ValuesOf(ClipBoxes(Boxes({{-5, -6, 300, 400}}), 100, 200)),
              ElementsAre(0, 0, 200, 100));
}

TEST(IndicesOfLargeBoxes, LeavesOutFlatReversedAndUndefinedBoxes) {
  const float nan = std::nanf("");
  const torch::Tensor boxes =
      Boxes({{0, 0, 2, 2}, {0, 0, 2, 0}, {5, 5, 3, 9}, {0, 0, nan, 4}, {0, 0, 1, 1}});
  EXPECT_THAT(ValuesOf(IndicesOfLargeBoxes(boxes, 1)), ElementsAre(0, 4));
}

TEST(BoxCoder, EncodesByHand) {
  // Anchor 10 x 20 about (15, 30); target 20 x 20 about (20, 30).
  const torch::Tensor deltas =
      EncodeBoxes(Boxes({{10, 20, 30, 40}}), Boxes({{10, 20, 20, 40}}), kWeights);
  EXPECT_THAT(
      ValuesOf(deltas),
      ElementsAre(DoubleNear(10 * 0.5, 1e-6), 0.0, DoubleNear(5 * std::log(2.0), 1e-6), 0.0));
}

TEST(BoxCoder, DecodesWhatItEncoded) {
  torch::manual_seed(3);
  const torch::Tensor corner = torch::rand({50, 2}, torch::kDouble) * 100;
  const torch::Tensor anchors =
      torch::cat({corner, corner + 1 + torch::rand({50, 2}, torch::kDouble) * 60}, 1);
  const torch::Tensor targets = anchors.roll(1, 0);
  const torch::Tensor back =
      DecodeBoxes(EncodeBoxes(targets, anchors, kWeights), anchors, kWeights);
  EXPECT_LT((back - targets).abs().max().item<double>(), 1e-9);
}

TEST(BoxCoder, CapsTheScaleAtSixtyTwoAndAHalf) {
  const torch::Tensor boxes =
      DecodeBoxes(torch::tensor({{0.F, 0.F, 100.F, 0.F}}), Boxes({{-1, -1, 1, 1}}), {1, 1, 1, 1});
  EXPECT_THAT(ValuesOf(boxes),
              ElementsAre(DoubleNear(-62.5, 1e-3), -1.0, DoubleNear(62.5, 1e-3), 1.0));
}

TEST(BoxCoder, DecodesEachClassAgainstTheSameAnchor) {
  const torch::Tensor deltas = torch::tensor({{0.F, 0.F, 0.F, 0.F, 1.F, 0.F, 0.F, 0.F}});
  EXPECT_THAT(ValuesOf(DecodeBoxes(deltas, Boxes({{0, 0, 4, 4}}), {1, 1, 1, 1})),
              ElementsAre(0, 0, 4, 4, 4, 0, 8, 4));
}

TEST(BoxCoder, NamesCountsThatDoNotMatch) {
  EXPECT_THAT(ErrorOf([] {
                (void)EncodeBoxes(torch::zeros({2, 4}), torch::zeros({3, 4}), kWeights);
              }),
              HasSubstr("2 targets for 3 anchors"));
  EXPECT_THAT(ErrorOf([] {
                (void)DecodeBoxes(torch::zeros({3, 6}), torch::zeros({3, 4}), kWeights);
              }),
              HasSubstr("deltas have shape [3, 6], expected [3, 4 k]"));
}

}  // namespace
}  // namespace necknode::models
