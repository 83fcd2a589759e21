#include "models/yolo_losses.h"

#include <cmath>

#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

/// Places of a 64 x 64 image: 8 x 8, 4 x 4, 2 x 2 cells with two priors each.
YoloGrid Grid() { return MakeYoloGrid({10, 20, 40}, {1, 4}, 64, 64); }
constexpr std::int64_t kPlaces = 2 * (64 + 16 + 4);

torch::Tensor Truth(const std::vector<double>& corners) {
  return torch::tensor(corners, torch::kDouble).view({-1, 4});
}

/// Everything 0 but the objectness, whose -20 says that there is nothing.
torch::Tensor Nothing() {
  torch::Tensor raw = torch::zeros({1, kPlaces, 6}, torch::kDouble);
  raw.select(2, 4).fill_(-20);
  return raw;
}

TEST(YoloGrid, RunsOverLevelsRowsColumnsAndPriors) {
  const YoloGrid grid = Grid();
  EXPECT_EQ(grid.cells.sizes(), (std::vector<std::int64_t>{kPlaces, 2}));
  EXPECT_THAT(ValuesOf(grid.cells[2 * 9]), ElementsAre(1, 1));
  EXPECT_THAT(ValuesOf(grid.priors[1]), ElementsAre(5, 20));
  EXPECT_EQ(grid.levels[1].begin, 128);
  EXPECT_THAT(ValuesOf(grid.priors[128]), ElementsAre(20, 20));
  EXPECT_THAT(ValuesOf(grid.strides[128 + 32]), ElementsAre(32));
}

TEST(DecodeYolo, PutsTheCentreIntoTheCellAndScalesThePrior) {
  torch::Tensor raw = Nothing();
  raw[0][128 + 2 * 5].slice(0, 0, 4).copy_(
      torch::tensor({std::log(3.0), 0.0, std::log(2.0), 100.0}, torch::kDouble));
  // Column 1, row 1 at a stride of 16: centre (16 + 12, 16 + 8), width 40, height at its limit.
  const auto box = ValuesOf(DecodeYolo(raw.slice(2, 0, 5), Grid())[0][128 + 2 * 5]);
  EXPECT_NEAR(box[0], 28 - 20, 1e-9);
  EXPECT_NEAR(box[2], 28 + 20, 1e-9);
  EXPECT_NEAR(box[3] - box[1], 20 * 62.5, 1e-9);
}

TEST(YoloV3Loss, GivesATruthToThePriorOfItsShapeInItsCentresCell) {
  // 20 x 20 about (26, 42): the first prior of the second level, column 1, row 2.
  const std::int64_t place = 128 + 2 * (2 * 4 + 1);
  torch::Tensor raw = Nothing().requires_grad_();
  const YoloLoss loss = YoloV3Loss(raw, Grid(), {Truth({16, 32, 36, 52})});
  EXPECT_NEAR(loss.object.item<double>(), 20, 1e-3) << "the place says there is nothing";
  EXPECT_NEAR(loss.classification.item<double>(), std::log(2), 1e-9);
  (loss.box + loss.object + loss.classification).backward();
  const auto gradient = ValuesOf(raw.grad()[0][place]);
  // Prediction minus truth: the centre lies 10/16 into its cell along both axes.
  EXPECT_THAT(std::vector<double>(gradient.begin(), gradient.begin() + 4),
              ElementsAre(DoubleNear(0.5 - 0.625, 1e-9),
                          DoubleNear(0.5 - 0.625, 1e-9),
                          DoubleNear(0, 1e-9),
                          DoubleNear(0, 1e-9)));
  EXPECT_NEAR(gradient[4], -1, 1e-6);
  EXPECT_NEAR(gradient[5], -0.5, 1e-9);
  EXPECT_LT(raw.grad().abs().sum().item<double>(), 1.8) << "all other places agree";
}

TEST(YoloV3Loss, LetsBoxesThatOverlapATruthSayWhatTheyLike) {
  const torch::Tensor truth = Truth({9, 32, 29, 52});
  torch::Tensor raw = Nothing();
  // The neighbour's prior of that size, moved to its right edge, overlaps by more than a half.
  const std::int64_t neighbour = 128 + 2 * (2 * 4 + 0);
  raw[0][neighbour][0] = 10;
  raw[0][neighbour][1] = 0.5;
  raw[0][neighbour][4] = 3;
  const double overlapping = YoloV3Loss(raw, Grid(), {truth}).object.item<double>();
  EXPECT_NEAR(overlapping, 20, 1e-3);
  raw[0][neighbour][0] = -10;
  EXPECT_NEAR(YoloV3Loss(raw, Grid(), {truth}).object.item<double>(), 20 + 3.0486, 1e-3);
}

TEST(YoloV3Loss, OfAnImageWithoutNodesIsThatOfTheObjectness) {
  const YoloLoss loss = YoloV3Loss(torch::zeros({1, kPlaces, 6}, torch::kDouble),
                                   Grid(),
                                   {torch::zeros({0, 4}, torch::kDouble)});
  EXPECT_NEAR(loss.object.item<double>(), kPlaces * std::log(2), 1e-6);
  EXPECT_EQ(loss.box.item<double>(), 0);
  EXPECT_EQ(loss.classification.item<double>(), 0);
}

TEST(YoloV3Loss, GradientAgreesWithFiniteDifferences) {
  torch::manual_seed(7);
  torch::Tensor raw = torch::randn({2, kPlaces, 6}, torch::kDouble);
  const std::vector<torch::Tensor> truths = {Truth({16, 32, 36, 52, 3, 2, 12, 9}),
                                             Truth({0, 0, 20, 64})};
  const auto loss = [&](const torch::Tensor& at) {
    const YoloLoss parts = YoloV3Loss(at, Grid(), truths);
    return parts.box + 2 * parts.object + 3 * parts.classification;
  };
  const torch::Tensor variable = raw.clone().requires_grad_(true);
  loss(variable).backward();
  const torch::Tensor gradient = variable.grad().contiguous();
  double* values = raw.data_ptr<double>();
  constexpr double kStep = 1e-6;
  // Every place with a box to learn, and a few of the others.
  std::vector<std::int64_t> elements;
  for (std::int64_t row = 0; row < 2 * kPlaces; ++row) {
    const bool learns = gradient.view({-1, 6})[row][5].item<double>() != 0;
    for (std::int64_t k = 0; (learns || row % 40 == 0) && k < 6; ++k)
      elements.push_back(6 * row + k);
  }
  EXPECT_GE(elements.size(), 6U * (3 + 8));
  for (const std::int64_t i : elements) {
    const double kept = values[i];
    values[i] = kept + kStep;
    const double above = loss(raw).item<double>();
    values[i] = kept - kStep;
    const double below = loss(raw).item<double>();
    values[i] = kept;
    ASSERT_NEAR(gradient.view(-1)[i].item<double>(), (above - below) / (2 * kStep), 1e-6)
        << "element " << i;
  }
}

}  // namespace
}  // namespace necknode::models
