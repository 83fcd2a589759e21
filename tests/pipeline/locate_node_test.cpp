#include "pipeline/locate_node.h"

#include <gtest/gtest.h>

#include "pipeline/neck_range.h"
#include "tests/pipeline/neck_volume.h"

namespace necknode::pipeline {
namespace {

using tests::DrawNeck;
using tests::NeckScene;

LymphNode NodeAt(double x, int slice) {
  LymphNode node;
  node.key_slice = slice;
  node.boxes = {{slice, {x - 5, 115, x + 5, 125}, 0.9, 0, false}};
  return node;
}

Landmarks NoLandmarks(int slices) {
  Landmarks none;
  none.spine.resize(static_cast<std::size_t>(slices));
  none.airway_y.resize(static_cast<std::size_t>(slices));
  return none;
}

TEST(SideOf, ComparesWithTheBodysMidlineInPatientCoordinates) {
  NeckScene scene;
  scene.middle_x = 110;
  auto ct = DrawNeck(scene);
  const BodyMask body = FindBody(ct.volume);
  VolumeGrid grid = ct.volume.grid();
  const auto side = [&](double x) {
    return SideOf(NodeAt(x, 20), grid, body, NoLandmarks(grid.slices));
  };
  EXPECT_EQ(side(140), Side::kLeft) << "+x is the patient's left";
  EXPECT_EQ(side(90), Side::kRight);
  EXPECT_EQ(side(113), Side::kMidline);
  EXPECT_EQ(side(118), Side::kLeft);
  grid.first.row_direction = {-1, 0, 0};  // seen from behind, or lying prone
  EXPECT_EQ(side(140), Side::kRight);
  grid.first.row_direction = {0, 1, 0};  // sagittal
  EXPECT_EQ(side(140), Side::kNotDetermined);
}

TEST(SideOf, PrefersTheMidlineOfTheSpine) {
  auto ct = DrawNeck({});  // the body's midline is at x = 0 mm
  Landmarks landmarks = NoLandmarks(40);
  landmarks.spine[20] = {30, 20, 28};
  const BodyMask body = FindBody(ct.volume);
  EXPECT_EQ(SideOf(NodeAt(148, 20), ct.volume.grid(), body, landmarks), Side::kRight)
      << "20 mm to the left of the body's midline, 10 mm to the right of the spine's";
}

TEST(SideOf, IsNotDeterminedWithoutAMidline) {
  NeckScene scene;
  scene.half_width = 400;
  const auto ct = DrawNeck(scene);
  EXPECT_EQ(SideOf(NodeAt(140, 20), ct.volume.grid(), FindBody(ct.volume), NoLandmarks(40)),
            Side::kNotDetermined);
}

/// A neck of 150 slices of 1 mm from z = 0 to 149, spine in the middle: a node at (x, y, z) mm.
class LevelOfNode : public ::testing::Test {
 protected:
  LevelOfNode() {
    grid_.columns = grid_.rows = 256;
    grid_.slices = 150;
    grid_.column_spacing_mm = grid_.row_spacing_mm = grid_.slice_spacing_mm = 1;
    grid_.first = {{-128, -128, 0}, {1, 0, 0}, {0, 1, 0}};
    landmarks_.spine.assign(150, SpinePlace{0, 20, 28});
    landmarks_.airway_y.assign(150, 0.0);
    landmarks_.hyoid_z = 100;
    landmarks_.cricoid_z = 60;
    landmarks_.manubrium_z = 20;
    landmarks_.lowest_z = 0;
  }
  std::string At(double x, double y, int z) {
    LymphNode node;
    node.key_slice = z;
    node.boxes = {{z, {x + 123.5, y + 123.5, x + 133.5, y + 133.5}, 0.9, 0, false}};
    return LevelOf(node, grid_, landmarks_);
  }
  VolumeGrid grid_;
  Landmarks landmarks_;
};

TEST_F(LevelOfNode, FollowsTheLandmarksAlongTheJugularChain) {
  EXPECT_EQ(At(35, 10, 120), "II");
  EXPECT_EQ(At(-35, 10, 103), "II/III") << "3 mm above the hyoid";
  EXPECT_EQ(At(35, 10, 80), "III");
  EXPECT_EQ(At(35, 10, 58), "III/IV");
  EXPECT_EQ(At(-35, 10, 45), "IV");
  EXPECT_EQ(At(35, 10, 30), "IV or supraclavicular");
}

TEST_F(LevelOfNode, TellsTheOtherPlaces) {
  EXPECT_EQ(At(35, 45, 80), "V") << "17 mm behind the middle of the spine";
  EXPECT_EQ(At(35, 45, 110), "V or IIB");
  EXPECT_EQ(At(35, 35, 80), "III or V") << "about the back of the sternocleidomastoid";
  EXPECT_EQ(At(35, -5, 120), "I or II") << "5 mm before the airway";
  EXPECT_EQ(At(8, 5, 50), "VI");
  EXPECT_EQ(At(-8, 5, 10), "VII or mediastinal");
  EXPECT_EQ(At(25, -20, 120), "I") << "before the airway, above the hyoid";
  EXPECT_EQ(At(20, 5, 50), "") << "a goitre shifts the carotids";
  EXPECT_EQ(At(5, 10, 120), "") << "retropharyngeal is not told apart";
}

TEST_F(LevelOfNode, MergesTheLevelsOfAMissingLandmark) {
  landmarks_.cricoid_z.reset();
  EXPECT_EQ(At(35, 10, 80), "III/IV");
  EXPECT_EQ(At(35, 10, 120), "II");
  EXPECT_EQ(At(8, 5, 50), "VI");
  landmarks_.cricoid_z = 60;
  landmarks_.hyoid_z.reset();
  EXPECT_EQ(At(35, 10, 120), "II/III");
  EXPECT_EQ(At(35, 10, 45), "IV");
  landmarks_.cricoid_z.reset();
  EXPECT_EQ(At(35, 10, 80), "") << "all missing: the side only";
  EXPECT_EQ(At(8, 5, 50), "");
}

TEST_F(LevelOfNode, WidensTheMarginWithTheSlices) {
  grid_.slices = 30;
  grid_.slice_spacing_mm = 5;
  EXPECT_EQ(At(35, 10, 21), "II/III") << "z = 105, within one and a half slices of the hyoid";
  EXPECT_EQ(At(35, 10, 22), "II");
}

TEST(FindNeckRange, GoesFromTheManubriumToTheSkullBase) {
  NeckScene scene;
  scene.slices = 120;
  const auto ct = DrawNeck(scene);  // z from 0 to 238 mm
  const BodyMask body = FindBody(ct.volume);
  Landmarks landmarks = NoLandmarks(120);
  const auto range = [&] { return FindNeckRange(ct.volume.grid(), body, landmarks); };
  EXPECT_EQ(range().first, 0);
  EXPECT_EQ(range().last, 119) << "nothing found: the whole body";
  landmarks.skull_base_z = 200;
  EXPECT_EQ(range().last, 105) << "10 mm above";
  landmarks.manubrium_z = 60;
  EXPECT_EQ(range().first, 10) << "40 mm below";
  landmarks.manubrium_z.reset();
  landmarks.hyoid_z = 170;
  EXPECT_EQ(range().first, 15) << "140 mm below the hyoid";
  landmarks.manubrium_z = 200;
  EXPECT_EQ(range().first, 0) << "50 mm are no neck: the landmarks are not believed";
}

}  // namespace
}  // namespace necknode::pipeline
