#include "pipeline/body_mask.h"

#include <numbers>

#include <gtest/gtest.h>

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

TEST(BodyOnly, TakesTheTableOutAndLeavesTheBodyAsItIs) {
  const auto ct = DrawNeck({});
  const Volume only = BodyOnly(ct.volume, FindBody(ct.volume));
  EXPECT_EQ(ct.volume.At(128, 181, 20), 200);
  EXPECT_EQ(only.At(128, 181, 20), Volume::kAirHu) << "the table";
  for (int y = 60; y <= 172; ++y) {
    for (int x = 66; x < 190; ++x) {
      if (ct.volume.At(x, y, 20) > -900) {
        ASSERT_EQ(only.At(x, y, 20), ct.volume.At(x, y, 20)) << x << ", " << y;
      }
    }
  }
}

}  // namespace
}  // namespace necknode::pipeline
