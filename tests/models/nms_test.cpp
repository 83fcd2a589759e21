#include "models/nms.h"

#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Nms, KeepsTheBestOfOverlappingBoxesBestFirst) {
  const torch::Tensor boxes =
      Boxes({{0, 0, 10, 10}, {1, 0, 11, 10}, {50, 50, 60, 60}, {0, 0, 10, 9}});
  const torch::Tensor scores = torch::tensor({0.6F, 0.9F, 0.7F, 0.5F});
  EXPECT_THAT(ValuesOf(Nms(boxes, scores, 0.5)), ElementsAre(1, 2));
}

TEST(Nms, KeepsABoxThatOverlapsExactlyByTheThreshold) {
  // Overlap 5 x 10 of 150 in all: one third.
  const torch::Tensor boxes = Boxes({{0, 0, 10, 10}, {5, 0, 15, 10}}).to(torch::kDouble);
  const torch::Tensor scores = torch::tensor({0.9, 0.8}, torch::kDouble);
  EXPECT_THAT(ValuesOf(Nms(boxes, scores, 50.0 / 150.0)), ElementsAre(0, 1));
  EXPECT_THAT(ValuesOf(Nms(boxes, scores, 0.33)), ElementsAre(0));
}

TEST(Nms, PrefersTheEarlierOfEqualScores) {
  const torch::Tensor boxes = Boxes({{0, 0, 10, 10}, {0, 0, 10, 10}, {20, 0, 30, 10}});
  EXPECT_THAT(ValuesOf(Nms(boxes, torch::full({3}, 0.5), 0.5)), ElementsAre(0, 2));
}

TEST(Nms, ARemovedBoxRemovesNoOther) {
  // 1 overlaps 0 and 2; 0 and 2 hardly overlap.
  const torch::Tensor boxes = Boxes({{0, 0, 10, 10}, {4, 0, 14, 10}, {8, 0, 18, 10}});
  EXPECT_THAT(ValuesOf(Nms(boxes, torch::tensor({0.9F, 0.8F, 0.7F}), 0.4)), ElementsAre(0, 2));
}

TEST(Nms, ComparesWithinGroupsOnly) {
  const torch::Tensor boxes = Boxes({{0, 0, 10, 10}, {0, 0, 10, 10}, {0, 0, 10, 10}});
  const torch::Tensor groups = torch::tensor({1, 2, 1}, torch::kLong);
  EXPECT_THAT(ValuesOf(Nms(boxes, torch::tensor({0.5F, 0.7F, 0.6F}), 0.5, groups)),
              ElementsAre(1, 2));
}

TEST(Nms, KeepsBoxesWithoutArea) {
  const torch::Tensor boxes = Boxes({{3, 3, 3, 3}, {3, 3, 3, 3}});
  EXPECT_THAT(ValuesOf(Nms(boxes, torch::tensor({0.5F, 0.7F}), 0.5)), ElementsAre(1, 0));
}

TEST(Nms, OfNothingIsNothing) {
  EXPECT_THAT(ValuesOf(Nms(torch::empty({0, 4}), torch::empty({0}), 0.5)), IsEmpty());
}

TEST(Nms, NamesShapesThatDoNotMatch) {
  EXPECT_THAT(ErrorOf([] {
                (void)Nms(torch::zeros({2, 4}), torch::zeros({3}), 0.5);
              }),
              HasSubstr("scores have shape [3], expected [2]"));
  EXPECT_THAT(ErrorOf([] {
                (void)Nms(torch::zeros({2, 4}), torch::zeros({2}), 0.5, torch::zeros({2}));
              }),
              HasSubstr("groups have shape [2], expected int64 [2]"));
}

}  // namespace
}  // namespace necknode::models
