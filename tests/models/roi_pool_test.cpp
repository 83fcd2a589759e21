#include "models/roi_pool.h"

#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(RoiPool, TakesTheLargestPixelOfEachBin) {
  // Pixels 1..4 along both axes in 2 x 2 bins.
  EXPECT_THAT(ValuesOf(RoiPool(Ramp(8, 8), Roi({0, 2, 2, 8, 8}), 0.5, 2)),
              ElementsAre(22, 24, 42, 44));
}

TEST(RoiPool, RoundsItsBinsOutwardsSoThatNeighboursShareAPixel) {
  // Three pixels in two bins: 0..1 and 1..2.
  EXPECT_THAT(ValuesOf(RoiPool(Ramp(8, 8), Roi({0, 0, 0, 2, 2}), 1, 2)),
              ElementsAre(11, 12, 21, 22));
}

TEST(RoiPool, RoundsHalvesAwayFromZero) {
  EXPECT_THAT(ValuesOf(RoiPool(Ramp(8, 8), Roi({0, 2.5, 2.5, 2.5, 2.5}), 1, 1)), ElementsAre(33));
  EXPECT_THAT(ValuesOf(RoiPool(Ramp(8, 8), Roi({0, -2.5, -0.5, 0, 0}), 1, 1)), ElementsAre(0));
}

TEST(RoiPool, GivesAnInvertedRoiOnePixelAndAnEmptyBinZero) {
  EXPECT_THAT(ValuesOf(RoiPool(Ramp(8, 8), Roi({0, 3, 3, 1, 1}), 1, 1)), ElementsAre(33));
  EXPECT_THAT(ValuesOf(RoiPool(Ramp(8, 8) + 5, Roi({0, 40, 40, 60, 60}), 1, 2)), Each(0.0));
  const double nan = std::nan("");
  EXPECT_THAT(ValuesOf(RoiPool(Ramp(8, 8) + 5, Roi({0, nan, nan, nan, nan}), 1, 1)).size(), 1U);
}

TEST(RoiPool, SendsTheGradientToTheFirstOfTheLargestPixels) {
  torch::Tensor features = torch::ones({1, 1, 3, 3}, torch::kDouble).requires_grad_();
  RoiPool(features, Roi({0, 0, 0, 2, 2, 0, 0, 0, 2, 2}), 1, 1).sum().backward();
  EXPECT_THAT(ValuesOf(features.grad()), ElementsAre(2, 0, 0, 0, 0, 0, 0, 0, 0));
}

TEST(RoiPool, ReadsTheImageThatTheRoiNames) {
  const torch::Tensor features =
      torch::cat({torch::zeros({1, 2, 4, 4}), torch::ones({1, 2, 4, 4})}).to(torch::kDouble);
  EXPECT_THAT(ValuesOf(RoiPool(features, Roi({1, 0, 0, 2, 2, 0, 0, 0, 2, 2}), 1, 1)),
              ElementsAre(1, 1, 0, 0));
}

TEST(RoiPool, OfNoRoisIsEmptyAndNamesWhatItRefuses) {
  EXPECT_EQ(RoiPool(torch::zeros({1, 3, 4, 4}), torch::zeros({0, 5}), 1, 7).sizes(),
            (std::vector<std::int64_t>{0, 3, 7, 7}));
  EXPECT_THAT(ErrorOf([] {
                (void)RoiPool(torch::zeros({1, 3, 4, 4}), torch::zeros({1, 4}), 1, 7);
              }),
              HasSubstr("rois have shape [1, 4]"));
  EXPECT_THAT(ErrorOf([] {
                (void)RoiPool(torch::zeros({1, 3, 4, 4}), torch::zeros({1, 5}), 1, 0);
              }),
              HasSubstr("output 0"));
}

TEST(MultiScaleRoiPool, ReadsEachRoiFromTheLevelOfItsSize) {
  std::vector<torch::Tensor> levels;
  for (int i = 0; i < 4; ++i)
    levels.push_back(torch::full({1, 1, 256 >> i, 256 >> i}, i, torch::kDouble));
  const torch::Tensor rois = Roi({0, 0, 0, 448, 448, 0, 0, 0, 16, 16, 0, 0, 0, 224, 224});
  EXPECT_THAT(ValuesOf(MultiScaleRoiPool(levels, rois, {4, 8, 16, 32}, 1)), ElementsAre(3, 0, 2));
}

}  // namespace
}  // namespace necknode::models
