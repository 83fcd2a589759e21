#include "core/geometry.h"

#include <gtest/gtest.h>

#include "core/detection.h"
#include "core/error.h"
#include "core/volume.h"

namespace necknode {
namespace {

VolumeGrid AxialGrid() {
  VolumeGrid grid;
  grid.columns = 4;
  grid.rows = 3;
  grid.slices = 2;
  grid.column_spacing_mm = 0.5;
  grid.row_spacing_mm = 0.25;
  grid.slice_spacing_mm = 2;
  grid.first = {{-10, -20, 30}, {1, 0, 0}, {0, 1, 0}};
  return grid;
}

TEST(VolumeGrid, PlacesVoxelsInPatientCoordinates) {
  EXPECT_EQ(AxialGrid().ToPatient(0, 0, 0), (Vec3{-10, -20, 30}));
  EXPECT_EQ(AxialGrid().ToPatient(2, 4, 1.5), (Vec3{-9, -19, 33}));
}

TEST(VolumeGrid, FollowsAnObliqueNormal) {
  VolumeGrid grid = AxialGrid();
  grid.first.column_direction = {0, 0, -1};  // coronal: the normal points to the back
  EXPECT_EQ(grid.first.Normal(), (Vec3{0, 1, 0}));
  EXPECT_EQ(grid.ToPatient(0, 0, 1), (Vec3{-10, -18, 30}));
}

TEST(Volume, StartsAsAirAndKeepsSlicesApart) {
  Volume volume(AxialGrid());
  EXPECT_EQ(volume.voxels().size(), 24U);
  volume.At(3, 2, 1) = 50;
  EXPECT_EQ(volume.Slice(1)[11], 50);
  for (const std::int16_t hu : volume.Slice(0))
    EXPECT_EQ(hu, Volume::kAirHu);
}

TEST(Volume, RefusesEmptyDimensions) {
  VolumeGrid grid = AxialGrid();
  grid.rows = 0;
  EXPECT_THROW(Volume{grid}, Error);
}

TEST(Box, OverlapsByArea) {
  const Box a{0, 0, 4, 4};
  const Box b{2, 2, 6, 6};
  EXPECT_DOUBLE_EQ(IntersectionArea(a, b), 4);
  EXPECT_DOUBLE_EQ(IntersectionOverUnion(a, b), 4.0 / 28.0);
  EXPECT_DOUBLE_EQ(IntersectionOverUnion(a, Box{4, 0, 8, 4}), 0);
  EXPECT_DOUBLE_EQ(IntersectionOverUnion(Box{}, Box{}), 0);
  EXPECT_DOUBLE_EQ((Box{3, 3, 1, 1}).Area(), 0);
}

}  // namespace
}  // namespace necknode
