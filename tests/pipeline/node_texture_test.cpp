#include "pipeline/node_texture.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace necknode::pipeline {
namespace {

constexpr double kPixelMm = 0.45;
constexpr int kSize = 80, kSlices = 3;
constexpr double kCentreMm = kSize * kPixelMm / 2;

/// A round node of 16 mm and 90 HU in fat, and what is put into it.
class RoundNode : public ::testing::Test {
 protected:
  RoundNode() {
    VolumeGrid grid;
    grid.columns = grid.rows = kSize;
    grid.slices = kSlices;
    grid.column_spacing_mm = grid.row_spacing_mm = kPixelMm;
    grid.slice_spacing_mm = 2;
    grid.first = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}};
    volume_ = Volume(grid);
    for (int z = 0; z < kSlices; ++z)
      Fill(0, 0, 1000, -100, z);
    for (int z = 0; z < kSlices; ++z)
      Fill(0, 0, 8, 90, z);
  }
  /// A disc around (x, y) mm from the node's centre.
  void Fill(double x, double y, double radius_mm, int hu, int z) {
    for (int row = 0; row < kSize; ++row) {
      for (int column = 0; column < kSize; ++column) {
        if (std::hypot((column + 0.5) * kPixelMm - kCentreMm - x,
                       (row + 0.5) * kPixelMm - kCentreMm - y) <= radius_mm)
          volume_.At(column, row, z) = static_cast<std::int16_t>(hu);
      }
    }
  }
  void FillAll(double x, double y, double radius_mm, int hu) {
    for (int z = 0; z < kSlices; ++z)
      Fill(x, y, radius_mm, hu, z);
  }
  NodeTexture Measure() {
    std::mt19937_64 random(7);
    std::normal_distribution<double> noise(0, 8);
    Volume noisy = volume_;
    for (std::int16_t& hu : noisy.voxels())
      hu = static_cast<std::int16_t>(std::lround(hu + noise(random)));
    std::vector<SliceContour> contours;
    for (int z = 0; z < kSlices; ++z) {
      SliceContour outline;
      outline.slice = z;
      outline.contour.centre = {kCentreMm, kCentreMm};
      outline.contour.radius_mm.fill(8);
      contours.push_back(outline);
    }
    return TextureOf(noisy, contours);
  }
  Volume volume_;
};

TEST_F(RoundNode, OfOneTissueHasNothingInIt) {
  const NodeTexture texture = Measure();
  ASSERT_TRUE(texture.mean_hu.has_value());
  EXPECT_NEAR(*texture.mean_hu, 90, 2);
  EXPECT_EQ(texture.cystic_fraction, 0);
  EXPECT_EQ(texture.calcification_mm3, 0);
  EXPECT_FALSE(texture.fatty_hilum);
}

TEST_F(RoundNode, GivesTheShareOfACyst) {
  FillAll(1, 0, 4, 12);
  const NodeTexture texture = Measure();
  EXPECT_NEAR(texture.cystic_fraction, 16.0 / 49, 0.08) << "4 mm of 7 mm, squared";
  EXPECT_NEAR(*texture.mean_hu, 90, 8) << "without the cyst";
}

TEST_F(RoundNode, TakesADarkSpeckForNoCyst) {
  FillAll(2, 2, 1, 10);
  EXPECT_EQ(Measure().cystic_fraction, 0);
}

TEST_F(RoundNode, SuspectsACalcification) {
  FillAll(-2, 1, 1.2, 500);
  const NodeTexture texture = Measure();
  EXPECT_NEAR(texture.calcification_mm3, 3.14 * 1.44 * 6, 6);
  EXPECT_NEAR(*texture.mean_hu, 90, 2) << "without it";
}

TEST_F(RoundNode, SeesAFattyHilumThatReachesTheEdge) {
  FillAll(5, 0, 3.5, -90);
  EXPECT_TRUE(Measure().fatty_hilum);
}

TEST_F(RoundNode, TakesFatInItsMiddleForNoHilum) {
  FillAll(0, 0, 3, -90);
  EXPECT_FALSE(Measure().fatty_hilum);
}

TEST(TextureOf, OfNothingIsNothing) {
  const NodeTexture texture = TextureOf(Volume(VolumeGrid{10, 10, 1, 1, 1, 1, {}}), {});
  EXPECT_FALSE(texture.mean_hu.has_value());
  EXPECT_EQ(texture.cystic_fraction, 0);
}

}  // namespace
}  // namespace necknode::pipeline
