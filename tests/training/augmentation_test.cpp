#include "training/augmentation.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace necknode::training {
namespace {

/// A bright ellipse of half sides 9 x 5 about (70, 44) on a dark image of 96 x 128, with its box.
models::DetectorSample Ellipse() {
  const auto y = (torch::arange(96) + 0.5).view({96, 1});
  const auto x = (torch::arange(128) + 0.5).view({1, 128});
  const auto inside = ((x - 70) / 9).square() + ((y - 44) / 5).square() <= 1;
  return {(inside.to(torch::kFloat32) * 1.6 - 0.8).unsqueeze(0),
          torch::tensor({{61.0F, 39.0F, 79.0F, 49.0F}}),
          torch::ones({1}, torch::kBool),
          "7"};
}

const CropWindow kWhole{64, 48, 96, 128};

/// Upright box about the bright pixels.
std::array<double, 4> BoxOfBright(const torch::Tensor& image) {
  const auto bright = (image[0] > 0).nonzero();
  const auto low = std::get<0>(bright.min(0));
  const auto high = std::get<0>(bright.max(0));
  return {low[1].item<double>(),
          low[0].item<double>(),
          high[1].item<double>() + 1,
          high[0].item<double>() + 1};
}

void ExpectBoxFits(const models::DetectorSample& sample, double tolerance) {
  ASSERT_EQ(sample.boxes.size(0), 1);
  const auto seen = BoxOfBright(sample.image);
  for (std::int64_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(sample.boxes[0][i].item<double>(), seen[static_cast<std::size_t>(i)], tolerance)
        << "edge " << i;
  }
}

TEST(AugmentSample, WithNothingDrawnChangesNothing) {
  const auto sample = Ellipse();
  const auto same = AugmentSample(sample, {}, kWhole);
  EXPECT_TRUE(torch::allclose(same.image, sample.image, 1e-4, 1e-4));
  EXPECT_TRUE(torch::allclose(same.boxes, sample.boxes));
  EXPECT_EQ(same.patient, "7");
}

TEST(AugmentSample, MirrorsLeftToRightExactly) {
  Augmentation mirror;
  mirror.mirror = true;
  const auto sample = Ellipse();
  const auto mirrored = AugmentSample(sample, mirror, kWhole);
  EXPECT_TRUE(torch::allclose(mirrored.image, sample.image.flip({2}), 1e-4, 1e-4));
  EXPECT_TRUE(torch::allclose(mirrored.boxes, torch::tensor({{49.0F, 39.0F, 67.0F, 49.0F}})));
}

TEST(AugmentSample, BoxFollowsTheTurnedAndScaledImage) {
  for (const double degrees : {-25.0, -10.0, 12.0, 30.0}) {
    for (const bool mirror : {false, true}) {
      Augmentation drawn;
      drawn.rotation = degrees * std::numbers::pi / 180;
      drawn.scale = 1.2;
      drawn.mirror = mirror;
      SCOPED_TRACE(testing::Message() << degrees << " degrees, mirrored " << mirror);
      ExpectBoxFits(AugmentSample(Ellipse(), drawn, kWhole), 1.0);
    }
  }
}

TEST(AugmentSample, CropMovesTheBoxAndIsAirBeyondTheImage) {
  const auto crop = AugmentSample(Ellipse(), {}, {70, 20, 64, 64});
  EXPECT_TRUE(torch::allclose(crop.boxes, torch::tensor({{23.0F, 51.0F, 41.0F, 61.0F}})));
  ExpectBoxFits(crop, 1e-6);
  EXPECT_NEAR(crop.image[0][0][0].item<double>(), -1, 1e-5) << "above the image";
}

TEST(AugmentSample, DropsABoxThatIsMostlyCutAway) {
  const auto half = AugmentSample(Ellipse(), {}, {70 - 32, 44, 64, 64});
  ASSERT_EQ(half.boxes.size(0), 1) << "half of it is left";
  EXPECT_EQ(half.boxes[0][2].item<float>(), 64);
  const auto less = AugmentSample(Ellipse(), {}, {70 - 36, 44, 64, 64});
  EXPECT_EQ(less.boxes.size(0), 0);
  EXPECT_EQ(less.boxes.size(1), 4);
  EXPECT_EQ(less.malignant.size(0), 0);
}

TEST(AugmentValues, ShiftsStretchesAndStaysInRange) {
  Augmentation drawn;
  drawn.contrast = 2;
  drawn.brightness = 0.1;
  const auto values = AugmentValues(torch::tensor({-0.9F, 0.2F, 0.7F}), drawn);
  EXPECT_TRUE(torch::allclose(values, torch::tensor({-1.0F, 0.5F, 1.0F})));
}

TEST(AugmentValues, NoiseHasItsDeviationAndItsSeed) {
  Augmentation drawn;
  drawn.noise = 0.05;
  drawn.noise_seed = 11;
  const auto grey = torch::zeros({1, 100, 100});
  const auto noisy = AugmentValues(grey, drawn);
  EXPECT_NEAR(noisy.std().item<double>(), 0.05, 0.002);
  EXPECT_TRUE(torch::equal(noisy, AugmentValues(grey, drawn)));
}

TEST(TurnRoi, TurnsByQuartersAndMirrors) {
  const auto roi = torch::arange(4).view({1, 2, 2});
  EXPECT_TRUE(torch::equal(TurnRoi(roi, 0, false), roi));
  EXPECT_TRUE(torch::equal(TurnRoi(roi, 0, true)[0], torch::tensor({{1, 0}, {3, 2}})));
  EXPECT_TRUE(torch::equal(TurnRoi(TurnRoi(roi, 1, false), 3, false), roi));
}

TEST(DrawAugmentation, StaysWithinItsRangesAndFollowsTheSeed) {
  const AugmentationOptions options;
  phantom::Random random(1, 1);
  int turned = 0;
  for (int i = 0; i < 200; ++i) {
    const auto drawn = DrawAugmentation(options, random);
    turned += drawn.rotation != 0 ? 1 : 0;
    EXPECT_LE(std::abs(drawn.rotation), options.max_rotation_degrees * std::numbers::pi / 180);
    EXPECT_GE(drawn.scale, options.min_scale);
    EXPECT_LE(drawn.noise, options.noise);
  }
  EXPECT_GT(turned, 60);
  EXPECT_LT(turned, 140);
  phantom::Random a(5, 2);
  phantom::Random b(5, 2);
  EXPECT_EQ(DrawAugmentation(options, a).noise_seed, DrawAugmentation(options, b).noise_seed);
}

}  // namespace
}  // namespace necknode::training
