#include "models/roi_align.h"

#include <cmath>

#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

/// The definition, sample by sample, as torchvision's CPU kernel reads the map.
double Sample(const torch::Tensor& map, double y, double x) {
  const auto height = map.size(0), width = map.size(1);
  if (y < -1 || y > static_cast<double>(height) || x < -1 || x > static_cast<double>(width))
    return 0;
  const auto axis = [](double v, std::int64_t size) {
    v = std::max(v, 0.0);
    auto low = static_cast<std::int64_t>(v);
    if (low >= size - 1)
      return std::tuple<std::int64_t, std::int64_t, double>(size - 1, size - 1, 0.0);
    return std::tuple<std::int64_t, std::int64_t, double>(
        low, low + 1, v - static_cast<double>(low));
  };
  const auto [y0, y1, b] = axis(y, height);
  const auto [x0, x1, a] = axis(x, width);
  const auto at = [&](std::int64_t j, std::int64_t i) { return map[j][i].item<double>(); };
  return (1 - b) * ((1 - a) * at(y0, x0) + a * at(y0, x1)) +
         b * ((1 - a) * at(y1, x0) + a * at(y1, x1));
}

TEST(RoiAlign, AveragesFourSamplesOfEachBin) {
  // RoI of 4 x 4 map pixels from (1, 1) in 2 x 2 bins: the bins' centres are (2, 2), (2, 4), (4,
  // 2), (4, 4).
  const torch::Tensor out = RoiAlign(Ramp(8, 8), Roi({0, 2, 2, 10, 10}), 0.5, 2, 2);
  EXPECT_EQ(out.sizes(), (std::vector<std::int64_t>{1, 1, 2, 2}));
  EXPECT_THAT(
      ValuesOf(out),
      ElementsAre(
          DoubleNear(22, 1e-9), DoubleNear(24, 1e-9), DoubleNear(42, 1e-9), DoubleNear(44, 1e-9)));
}

TEST(RoiAlign, GivesADegenerateRoiOnePixel) {
  // Width and height 0 (and negative) count as 1: one bin about (3.5, 3.5).
  EXPECT_THAT(ValuesOf(RoiAlign(Ramp(8, 8), Roi({0, 3, 3, 3, 3, 0, 3, 3, 1, 2}), 1.0, 1, 2)),
              Each(DoubleNear(38.5, 1e-9)));
}

TEST(RoiAlign, CountsSamplesBeyondTheMapAsZero) {
  EXPECT_THAT(
      ValuesOf(RoiAlign(Ramp(8, 8), Roi({0, 50, 50, 60, 60, 0, -30, 0, -20, 8}), 1.0, 2, 2)),
      Each(0.0));
}

TEST(RoiAlign, FollowsTheDefinitionAcrossTheBorder) {
  torch::manual_seed(1);
  const torch::Tensor map = torch::randn({1, 1, 6, 9}, torch::kDouble);
  const double x0 = -2.3, y0 = 3.1, x1 = 11.2, y1 = 8.4;
  const torch::Tensor out = RoiAlign(map, Roi({0, x0, y0, x1, y1}), 1.0, 3, 2)[0][0];
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      double sum = 0;
      for (const double sy : {0.25, 0.75}) {
        for (const double sx : {0.25, 0.75}) {
          sum += Sample(
              map[0][0], y0 + (row + sy) * (y1 - y0) / 3, x0 + (column + sx) * (x1 - x0) / 3);
        }
      }
      EXPECT_NEAR(out[row][column].item<double>(), sum / 4, 1e-12)
          << "bin " << row << ", " << column;
    }
  }
}

TEST(RoiAlign, ReadsTheImageThatTheRoiNames) {
  const torch::Tensor features =
      torch::cat({torch::zeros({1, 2, 4, 4}), torch::ones({1, 2, 4, 4})}).to(torch::kDouble);
  const torch::Tensor out = RoiAlign(features, Roi({1, 0, 0, 2, 2, 0, 0, 0, 2, 2}), 1.0, 1, 2);
  EXPECT_THAT(ValuesOf(out), ElementsAre(1, 1, 0, 0));
}

TEST(RoiAlign, GradientAgreesWithFiniteDifferences) {
  torch::manual_seed(2);
  const torch::Tensor rois = Roi({0, 1.3, 0.4, 5.2, 3.9, 1, -1.0, 2.0, 9.0, 9.0});
  const torch::Tensor weight = torch::randn({2, 3, 3, 3}, torch::kDouble);
  const auto loss = [&](const torch::Tensor& map) {
    return (RoiAlign(map, rois, 1.0, 3, 2) * weight).sum();
  };
  torch::Tensor features = torch::randn({2, 3, 5, 6}, torch::kDouble);
  const torch::Tensor variable = features.clone().requires_grad_(true);
  loss(variable).backward();
  const torch::Tensor gradient = variable.grad().contiguous();
  double* values = features.data_ptr<double>();
  constexpr double kStep = 1e-5;
  for (std::int64_t i = 0; i < features.numel(); ++i) {
    const double kept = values[i];
    values[i] = kept + kStep;
    const double above = loss(features).item<double>();
    values[i] = kept - kStep;
    const double below = loss(features).item<double>();
    values[i] = kept;
    ASSERT_NEAR(gradient.view(-1)[i].item<double>(), (above - below) / (2 * kStep), 1e-8)
        << "element " << i;
  }
}

TEST(RoiAlign, OfNoRoisIsEmpty) {
  const torch::Tensor out = RoiAlign(torch::zeros({1, 3, 4, 4}), torch::zeros({0, 5}), 1.0, 7, 2);
  EXPECT_EQ(out.sizes(), (std::vector<std::int64_t>{0, 3, 7, 7}));
}

TEST(RoiAlign, ReadsAnUndefinedRoiAsZero) {
  const double nan = std::nan("");
  EXPECT_THAT(ValuesOf(RoiAlign(Ramp(4, 4), Roi({0, nan, nan, nan, nan}), 1.0, 2, 2)), Each(0.0));
}

TEST(RoiAlign, NamesWhatItRefuses) {
  const torch::Tensor map = Ramp(4, 4);
  EXPECT_THAT(ErrorOf([&] {
                (void)RoiAlign(map, torch::zeros({2, 4}, torch::kDouble), 1, 7, 2);
              }),
              HasSubstr("rois have shape [2, 4]"));
  EXPECT_THAT(ErrorOf([&] {
                (void)RoiAlign(map, Roi({1, 0, 0, 1, 1}), 1, 7, 2);
              }),
              HasSubstr("image index from 1.000000 to 1.000000 with 1 images"));
  EXPECT_THAT(ErrorOf([&] {
                (void)RoiAlign(map[0], Roi({0, 0, 0, 1, 1}), 1, 7, 2);
              }),
              HasSubstr("features have shape [1, 4, 4]"));
}

TEST(MultiScaleRoiAlign, ReadsEachRoiFromTheLevelOfItsSizeAndKeepsTheOrder) {
  // Level i holds the value i. 224 px is read from level 4 (index 2), 112 from 3, 448 from 5;
  // others are clamped.
  std::vector<torch::Tensor> levels;
  for (int i = 0; i < 4; ++i)
    levels.push_back(torch::full({1, 1, 256 >> i, 256 >> i}, i, torch::kDouble));
  const torch::Tensor rois = Roi({0, 0, 0, 448, 448, 0, 0, 0, 16,   16,   0, 0, 0, 224, 224,
                                  0, 0, 0, 112, 112, 0, 0, 0, 1000, 1000, 0, 5, 5, 5,   5});
  const torch::Tensor out = MultiScaleRoiAlign(levels, rois, {4, 8, 16, 32}, 1, 2);
  EXPECT_THAT(ValuesOf(out), ElementsAre(3, 0, 2, 1, 3, 0));
}

TEST(MultiScaleRoiAlign, OfNoRoisIsEmpty) {
  const std::vector<torch::Tensor> levels = {torch::zeros({1, 2, 8, 8}),
                                             torch::zeros({1, 2, 4, 4})};
  EXPECT_EQ(MultiScaleRoiAlign(levels, torch::zeros({0, 5}), {4, 8}, 7, 2).sizes(),
            (std::vector<std::int64_t>{0, 2, 7, 7}));
}

}  // namespace
}  // namespace necknode::models
