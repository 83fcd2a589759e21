#include "models/preprocess.h"

#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

using testing::Each;
using testing::HasSubstr;

Volume MakeVolume(int columns, int rows, int slices, double spacing_mm) {
  VolumeGrid grid;
  grid.columns = columns;
  grid.rows = rows;
  grid.slices = slices;
  grid.column_spacing_mm = grid.row_spacing_mm = spacing_mm;
  grid.slice_spacing_mm = 2;
  grid.first.row_direction = {1, 0, 0};
  grid.first.column_direction = {0, 1, 0};
  return Volume(grid);
}

void Fill(Volume& volume, int z, int x0, int y0, int x1, int y1, std::int16_t hu) {
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x)
      volume.At(x, y, z) = hu;
  }
}

Preprocessing Plain(double spacing_mm) {
  Preprocessing preprocessing;
  preprocessing.window_center = 0;
  preprocessing.window_width = 2000;  // 1 HU = 0.001
  preprocessing.pixel_spacing_mm = spacing_mm;
  return preprocessing;
}

TEST(Windowed, MapsTheWindowToMinusOneToOneAndClips) {
  const Preprocessing preprocessing{50, 350, 0.45};
  EXPECT_FLOAT_EQ(Windowed(50, preprocessing), 0);
  EXPECT_FLOAT_EQ(Windowed(225, preprocessing), 1);
  EXPECT_FLOAT_EQ(Windowed(-125, preprocessing), -1);
  EXPECT_FLOAT_EQ(Windowed(3000, preprocessing), 1);
}

TEST(BodyRegion, IsTheTissuesBoundingBoxWithItsMargin) {
  Volume volume = MakeVolume(100, 80, 1, 0.5);
  Fill(volume, 0, 30, 20, 60, 50, 40);
  volume.At(90, 70, 0) = 500;  // a single voxel is noise
  EXPECT_EQ(BodyRegion(volume, 0, 2), (Box{26, 16, 64, 54}));
  EXPECT_EQ(BodyRegion(volume, 0, 100), (Box{0, 0, 100, 80}));
}

TEST(BodyRegion, IsEmptyInAir) { EXPECT_EQ(BodyRegion(MakeVolume(64, 64, 1, 0.5), 0).Area(), 0); }

TEST(CutSlice, CopiesVoxelsWhereTheSpacingIsThePackages) {
  Volume volume = MakeVolume(64, 64, 1, 0.5);
  volume.At(10, 20, 0) = 500;
  const SliceImage cut = CutSlice(volume, 0, 1, Plain(0.5), {0, 0, 64, 64});
  EXPECT_EQ(cut.image.sizes(), (std::vector<std::int64_t>{1, 64, 64}));
  EXPECT_FLOAT_EQ(cut.image[0][20][10].item<float>(), 0.5F);
  EXPECT_FLOAT_EQ(cut.image[0][20][11].item<float>(), -1.0F);
}

TEST(CutSlice, RoundsTheSidesUpAndFillsWithAir) {
  Volume volume = MakeVolume(100, 80, 1, 0.5);
  for (auto& voxel : volume.voxels())
    voxel = 0;
  const SliceImage cut = CutSlice(volume, 0, 1, Plain(0.5), {20, 10, 100, 80});
  EXPECT_EQ(cut.image.sizes(), (std::vector<std::int64_t>{1, 128, 128}));
  EXPECT_FLOAT_EQ(cut.image[0][69][79].item<float>(), 0);
  EXPECT_FLOAT_EQ(cut.image[0][69][80].item<float>(), -1);  // beyond column 100
  EXPECT_FLOAT_EQ(cut.image[0][70][79].item<float>(), -1);  // beyond row 80
}

TEST(CutSlice, ResamplesToThePackagesSpacingLinearly) {
  Volume volume = MakeVolume(64, 64, 1, 1.0);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x)
      volume.At(x, y, 0) = static_cast<std::int16_t>(10 * x + y);
  }
  const SliceImage cut = CutSlice(volume, 0, 1, Plain(0.5), {0, 0, 64, 64});
  EXPECT_EQ(cut.image.size(2), 128);
  // Pixel (41, 21) is centred at slice pixel edges (20.75, 10.75): voxel indices (20.25, 10.25).
  EXPECT_NEAR(cut.image[0][21][41].item<double>(), (202.5 + 10.25) / 1000, 1e-6);
}

TEST(CutSlice, AveragesWhereItTakesPixelsTogether) {
  Volume volume = MakeVolume(128, 128, 1, 0.25);
  for (int y = 0; y < 128; ++y) {
    for (int x = 0; x < 128; ++x)
      volume.At(x, y, 0) = x % 2 == 0 ? 400 : 0;
  }
  const SliceImage cut = CutSlice(volume, 0, 1, Plain(0.5), {0, 0, 128, 128});
  EXPECT_NEAR(cut.image[0][30][30].item<double>(), 0.2, 1e-6);
}

TEST(CutSlice, TakesNeighbouringSlicesAsChannelsAndRepeatsTheLast) {
  Volume volume = MakeVolume(64, 64, 3, 0.5);
  for (int z = 0; z < 3; ++z)
    Fill(volume, z, 0, 0, 64, 64, static_cast<std::int16_t>(100 * (z + 1)));
  const auto values = [&](int z) {
    const torch::Tensor image = CutSlice(volume, z, 3, Plain(0.5), {0, 0, 64, 64}).image;
    return ValuesOf((image.select(1, 5).select(1, 5) * 10).round());
  };
  EXPECT_THAT(values(1), testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(values(0), testing::ElementsAre(1, 1, 2));
  EXPECT_THAT(values(2), testing::ElementsAre(2, 3, 3));
}

TEST(CutSlice, PaddingBelowAirDoesNotLeak) {
  Volume volume = MakeVolume(64, 64, 1, 1.0);
  Fill(volume, 0, 0, 0, 32, 64, -2000);
  Fill(volume, 0, 32, 0, 64, 64, 0);
  Preprocessing preprocessing = Plain(0.5);
  preprocessing.window_width = 8000;
  const SliceImage cut = CutSlice(volume, 0, 1, preprocessing, {0, 0, 64, 64});
  EXPECT_GE(cut.image.min().item<double>(), -1024.0 / 4000 - 1e-6);
}

TEST(Placement, MapsBoxesThereAndBack) {
  const Placement placement{12, 34, 0.9, 0.8};
  const Box box{1, 2, 30, 40};
  const Box there = placement.ToSlice(box);
  EXPECT_DOUBLE_EQ(there.x0, 12.9);
  EXPECT_DOUBLE_EQ(there.y1, 66);
  const Box back = placement.ToImage(there);
  EXPECT_NEAR(back.x1, 30, 1e-9);
  EXPECT_NEAR(back.y0, 2, 1e-9);
}

TEST(CutRoi, CentresTheBoxWithItsContext) {
  Volume volume = MakeVolume(200, 200, 1, 0.5);
  for (auto& voxel : volume.voxels())
    voxel = 0;
  // 40 x 20 px of 0.5 mm: 20 mm, square of 30 mm = 60 px about (100, 60), seen in 60 pixels.
  Fill(volume, 0, 80, 50, 120, 70, 500);
  ClassifierConfig config;
  config.roi_size = 60;
  const torch::Tensor roi = CutRoi(volume, 0, {80, 50, 120, 70}, config, Plain(0.5));
  EXPECT_EQ(roi.sizes(), (std::vector<std::int64_t>{1, 60, 60}));
  EXPECT_THAT(ValuesOf(roi[0].slice(0, 20, 40).slice(1, 10, 50)), Each(0.5));
  EXPECT_NEAR(roi.sum().item<double>(), 0.5 * 40 * 20, 1e-3);
}

TEST(CutRoi, GivesATinyBoxTenMillimetres) {
  Volume volume = MakeVolume(100, 100, 1, 0.5);
  for (auto& voxel : volume.voxels())
    voxel = 0;
  Fill(volume, 0, 49, 49, 51, 51, 500);
  ClassifierConfig config;
  config.roi_size = 40;  // 10 mm = 20 px: half a pixel a step
  const torch::Tensor roi = CutRoi(volume, 0, {49, 49, 51, 51}, config, Plain(0.5));
  EXPECT_NEAR(roi.sum().item<double>(), 0.5 * 4 * 4, 0.05);
}

TEST(CutRoi, SeesAirBeyondTheSlice) {
  Volume volume = MakeVolume(64, 64, 1, 0.5);
  for (auto& voxel : volume.voxels())
    voxel = 0;
  ClassifierConfig config;
  config.roi_size = 32;
  const torch::Tensor roi = CutRoi(volume, 0, {0, 0, 30, 30}, config, Plain(0.5));
  EXPECT_FLOAT_EQ(roi[0][0][0].item<float>(), -1);
  EXPECT_FLOAT_EQ(roi[0][31][31].item<float>(), 0);
}

TEST(CutSlice, NamesWhatIsOutOfRange) {
  const Volume volume = MakeVolume(64, 64, 2, 0.5);
  EXPECT_THAT(ErrorOf([&] {
                (void)CutSlice(volume, 2, 1, Plain(0.5), {0, 0, 64, 64});
              }),
              HasSubstr("slice 2 of a volume of 2 slices"));
  EXPECT_THAT(ErrorOf([&] {
                (void)CutSlice(volume, 0, 2, Plain(0.5), {0, 0, 64, 64});
              }),
              HasSubstr("2 channels"));
  EXPECT_THAT(ErrorOf([&] {
                (void)CutSlice(volume, 0, 1, Plain(0.5), {9, 0, 9, 64});
              }),
              HasSubstr("region of 0.0"));
  EXPECT_THAT(ErrorOf([&] {
                (void)CutSlice(volume, 0, 1, Plain(0.5), {0, 0, 9000, 64});
              }),
              HasSubstr("limit 4096"));
  EXPECT_THAT(ErrorOf([&] {
                (void)CutRoi(volume, 0, {5, 5, 4, 9}, {}, Plain(0.5));
              }),
              HasSubstr("box of -1.0"));
}

}  // namespace
}  // namespace necknode::models
