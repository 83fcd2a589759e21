#include "pipeline/body_mask.h"

#include <numbers>

#include <gtest/gtest.h>

#include "pipeline/locate_node.h"
#include "tests/pipeline/neck_volume.h"

namespace necknode::pipeline {
namespace {

using tests::DrawNeck;
using tests::NeckScene;

TEST(FindBody, MeasuresTheBodyAndLeavesTheTableOut) {
  const BodyMask body = FindBody(DrawNeck({}).volume);
  EXPECT_EQ(body.first_slice, 0);
  EXPECT_EQ(body.last_slice, 39);
  for (const BodySlice& slice : body.slices) {
    EXPECT_NEAR(slice.area_mm2, std::numbers::pi * 60 * 50, 300) << "the airway counts as inside";
    ASSERT_TRUE(slice.midline_known);
    EXPECT_NEAR(slice.midline_x, 128, 1);
    EXPECT_TRUE(slice.airway);
  }
}

TEST(FindBody, FindsNoBodyInAir) {
  NeckScene scene;
  scene.half_width = scene.half_depth = 0.1;
  scene.airway = false;
  const BodyMask body = FindBody(DrawNeck(scene).volume);
  EXPECT_LT(body.last_slice, body.first_slice);
}

TEST(FindBody, LeavesOutSlicesAboveTheHead) {
  auto ct = DrawNeck({});
  for (int z = 30; z < 40; ++z)
    std::ranges::fill(ct.volume.Slice(z), std::int16_t{-1000});
  EXPECT_EQ(FindBody(ct.volume).last_slice, 29);
}

TEST(FindBody, TakesTheMidlineOfCutOffShouldersFromTheNeckAboveThem) {
  NeckScene scene;
  scene.shoulders_cut_off = true;
  scene.middle_x = 110;
  const BodyMask body = FindBody(DrawNeck(scene).volume);
  ASSERT_TRUE(body.slices[2].midline_known);
  EXPECT_NEAR(body.slices[2].midline_x, 110, 1.5);
}

TEST(FindBody, KnowsNoMidlineWhereEverySliceIsCutOff) {
  NeckScene scene;
  scene.half_width = 400;
  for (const BodySlice& slice : FindBody(DrawNeck(scene).volume).slices)
    EXPECT_FALSE(slice.midline_known);
}

TEST(FindBody, SeesNoAirwayWhereThereIsNone) {
  NeckScene scene;
  scene.airway = false;
  for (const BodySlice& slice : FindBody(DrawNeck(scene).volume).slices)
    EXPECT_FALSE(slice.airway);
}

LymphNode NodeAt(double x, int slice) {
  LymphNode node;
  node.key_slice = slice;
  node.boxes = {{slice, {x - 5, 115, x + 5, 125}, 0.9, 0, false}};
  return node;
}

TEST(SideOf, ComparesWithTheMidlineInPatientCoordinates) {
  NeckScene scene;
  scene.middle_x = 110;
  auto ct = DrawNeck(scene);
  const BodyMask body = FindBody(ct.volume);
  VolumeGrid grid = ct.volume.grid();
  EXPECT_EQ(SideOf(NodeAt(140, 20), grid, body), Side::kLeft) << "+x is the patient's left";
  EXPECT_EQ(SideOf(NodeAt(90, 20), grid, body), Side::kRight);
  EXPECT_EQ(SideOf(NodeAt(113, 20), grid, body), Side::kMidline);
  EXPECT_EQ(SideOf(NodeAt(118, 20), grid, body), Side::kLeft);
  grid.first.row_direction = {-1, 0, 0};  // seen from behind, or lying prone
  EXPECT_EQ(SideOf(NodeAt(140, 20), grid, body), Side::kRight);
  grid.first.row_direction = {0, 1, 0};  // sagittal
  EXPECT_EQ(SideOf(NodeAt(140, 20), grid, body), Side::kNotDetermined);
}

TEST(SideOf, IsNotDeterminedWithoutAMidline) {
  NeckScene scene;
  scene.half_width = 400;
  const auto ct = DrawNeck(scene);
  EXPECT_EQ(SideOf(NodeAt(140, 20), ct.volume.grid(), FindBody(ct.volume)), Side::kNotDetermined);
}

}  // namespace
}  // namespace necknode::pipeline
