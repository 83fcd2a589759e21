#include "pipeline/landmarks.h"

#include <cmath>

#include <gtest/gtest.h>

#include "phantom/phantom.h"

namespace necknode::pipeline {
namespace {

constexpr double kToleranceMm = 6;

phantom::Phantom MakeNeck(std::uint64_t seed, int slices) {
  phantom::PhantomOptions options;
  options.seed = seed;
  options.slices = slices;
  options.nodes = 0;
  return phantom::MakePhantom(options);
}

double HeightOf(const Volume& volume, int slice) {
  return volume.grid().ToPatient(volume.grid().columns / 2.0, volume.grid().rows / 2.0, slice).z;
}

void ExpectNear(const std::optional<double>& found, const Volume& volume, int slice) {
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(*found, HeightOf(volume, slice), kToleranceMm);
}

TEST(FindLandmarks, FindsThoseOfPhantoms) {
  for (const std::uint64_t seed : {3U, 7U, 22U}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const phantom::Phantom neck = MakeNeck(seed, 80);
    const Landmarks found = FindLandmarks(neck.volume);
    ExpectNear(found.hyoid_z, neck.volume, neck.hyoid_slice);
    ExpectNear(found.cricoid_z, neck.volume, neck.cricoid_slice);
    ExpectNear(found.manubrium_z, neck.volume, neck.manubrium_slice);
    EXPECT_FALSE(found.skull_base_z) << "the scan ends below it";
  }
}

TEST(FindLandmarks, FindsTheSkullBaseOfALongScan) {
  const phantom::Phantom neck = MakeNeck(2, 200);
  const Landmarks found = FindLandmarks(neck.volume);
  ExpectNear(found.hyoid_z, neck.volume, neck.hyoid_slice);
  ASSERT_TRUE(found.skull_base_z.has_value());
  EXPECT_GT(*found.skull_base_z, *found.hyoid_z + 50);
}

// The same patient, with the images' rows, columns and slices running the other way.
Volume Turned(const Volume& volume) {
  const VolumeGrid& from = volume.grid();
  VolumeGrid grid = from;
  grid.first.position = from.ToPatient(from.columns - 1, 0, from.slices - 1);
  grid.first.row_direction = from.first.row_direction * -1;
  Volume turned(grid);
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x)
        turned.At(x, y, z) = volume.At(grid.columns - 1 - x, y, grid.slices - 1 - z);
    }
  }
  return turned;
}

TEST(FindLandmarks, DoesNotDependOnTheImagesDirections) {
  const phantom::Phantom neck = MakeNeck(7, 80);
  const Landmarks plain = FindLandmarks(neck.volume);
  const Landmarks turned = FindLandmarks(Turned(neck.volume));
  ASSERT_TRUE(plain.hyoid_z && turned.hyoid_z && plain.manubrium_z && turned.manubrium_z);
  EXPECT_NEAR(*plain.hyoid_z, *turned.hyoid_z, 2);
  EXPECT_NEAR(*plain.manubrium_z, *turned.manubrium_z, 2);
  const auto& spine = plain.spine.at(40);
  const auto& other = turned.spine.at(79 - 40);
  ASSERT_TRUE(spine && other);
  EXPECT_NEAR(spine->midline_x, other->midline_x, 1.5);
  EXPECT_NEAR(spine->centre_y, other->centre_y, 1.5);
}

TEST(FindLandmarks, FindsNothingInOtherVolumes) {
  phantom::Phantom neck = MakeNeck(7, 40);
  VolumeGrid sagittal = neck.volume.grid();
  sagittal.first.row_direction = {0, 1, 0};
  sagittal.first.column_direction = {0, 0, -1};
  const Landmarks none = FindLandmarks(Volume(sagittal));
  EXPECT_FALSE(none.hyoid_z || none.cricoid_z || none.manubrium_z || none.skull_base_z);
  EXPECT_EQ(none.spine.size(), 40U);
  const Landmarks air = FindLandmarks(Volume(neck.volume.grid()));
  EXPECT_FALSE(air.hyoid_z || air.cricoid_z || air.manubrium_z || air.skull_base_z);
}

}  // namespace
}  // namespace necknode::pipeline
