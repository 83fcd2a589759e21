#include "pipeline/measure_node.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include <gtest/gtest.h>

#include "phantom/phantom.h"
#include "pipeline/assess.h"
#include "pipeline/locate_node.h"
#include "tests/pipeline/ellipse_volume.h"

namespace necknode::pipeline {
namespace {

using tests::Draw;
using tests::EllipseCase;
using tests::EllipseScene;

std::vector<PlanePoint> EllipsePolygon(double long_mm, double short_mm, double angle) {
  std::vector<PlanePoint> points;
  for (int i = 0; i < 360; ++i) {
    const double t = i * std::numbers::pi / 180;
    const double u = long_mm / 2 * std::cos(t), v = short_mm / 2 * std::sin(t);
    points.push_back({20 + u * std::cos(angle) - v * std::sin(angle),
                      30 + u * std::sin(angle) + v * std::cos(angle)});
  }
  return points;
}

TEST(AxesOf, FindsBothAxesOfAnEllipseAtAnyAngle) {
  for (const double angle : {0.0, 0.3, 1.2, 2.5}) {
    const auto polygon = EllipsePolygon(14, 9, angle);
    const Axes axes = AxesOf(polygon);
    EXPECT_NEAR(axes.long_mm, 14, 0.01);
    EXPECT_NEAR(axes.short_mm, 9, 0.02);
    EXPECT_NEAR(AreaOf(polygon), std::numbers::pi * 14 * 9 / 4, 0.1);
    const double along_x = axes.long_ends[1].x - axes.long_ends[0].x,
                 along_y = axes.long_ends[1].y - axes.long_ends[0].y;
    const double across_x = axes.short_ends[1].x - axes.short_ends[0].x;
    const double across_y = axes.short_ends[1].y - axes.short_ends[0].y;
    EXPECT_NEAR(along_x * across_x + along_y * across_y, 0, 1e-6) << "the axes are perpendicular";
  }
}

TEST(AxesOf, TakesTheChordInsideTheContourAndNotTheOuterWidth) {
  // A U: 10 wide outside, each leg 3 wide, the bottom 1 high.
  const std::vector<PlanePoint> u = {
      {0, 0}, {3, 0}, {3, 39}, {7, 39}, {7, 0}, {10, 0}, {10, 40}, {0, 40}};
  const Axes axes = AxesOf(u);
  EXPECT_NEAR(axes.long_mm, std::hypot(10, 40), 1e-9);
  EXPECT_GT(axes.short_mm, 3);
  EXPECT_LT(axes.short_mm, 8);
}

struct Errors {
  int made = 0, measured = 0;
  double sum = 0, squares = 0, worst = 0, long_sum = 0, volume_sum = 0;
  int volumes = 0;
  void Add(const EllipseScene& scene, const LymphNode& node) {
    ++made;
    if (!node.short_axis)
      return;
    ++measured;
    const double error = node.short_axis->length_mm - scene.short_mm;
    sum += error;
    squares += error * error;
    worst = std::max(worst, std::abs(error));
    long_sum += node.long_axis->length_mm - scene.long_mm;
    if (!node.volume_mm3)
      return;
    ++volumes;
    volume_sum += *node.volume_mm3 /
                  (std::numbers::pi / 6 * scene.short_mm * scene.long_mm * scene.height_mm);
  }
  [[nodiscard]] double Bias() const { return sum / measured; }
  [[nodiscard]] double Rms() const { return std::sqrt(squares / measured); }
  void Print(const char* what) const {
    std::printf(
        "%s: %d of %d measured, short axis bias %.2f rms %.2f worst %.2f mm, long axis bias %.2f "
        "mm, volume "
        "ratio %.2f (%d)\n",
        what,
        measured,
        made,
        Bias(),
        Rms(),
        worst,
        long_sum / measured,
        volume_sum / volumes,
        volumes);
  }
};

// 160 ellipses of 5 to 10 mm short axis, aspect 1 to 1.8, 60 to 130 HU, any angle and place, boxes
// off by up to 0.5 mm.
Errors MeasureMany(bool vessel, bool muscle) {
  Errors errors;
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> unit(0, 1);
  for (unsigned i = 0; i < 160; ++i) {
    EllipseScene scene;
    scene.short_mm = 5 + 5 * unit(random);
    scene.long_mm = scene.short_mm * (1 + 0.8 * unit(random));
    scene.height_mm = scene.short_mm * 1.5;
    scene.angle = std::numbers::pi * unit(random);
    scene.node_hu = (muscle ? 90 : 60) + (muscle ? 40 : 70) * unit(random);
    scene.offset_x_mm = unit(random);
    scene.offset_y_mm = unit(random);
    scene.vessel = vessel;
    scene.muscle = muscle;
    scene.seed = i;
    scene.box_error_mm = 0.5;
    EllipseCase drawn = Draw(scene);
    MeasureNode(drawn.volume, drawn.node);
    errors.Add(scene, drawn.node);
  }
  return errors;
}

TEST(MeasureNode, MeasuresEllipsesInFatToWithinAMillimetre) {
  const Errors errors = MeasureMany(false, false);
  errors.Print("in fat");
  EXPECT_GE(errors.measured, 150);
  EXPECT_LE(std::abs(errors.Bias()), 0.2);
  EXPECT_LE(errors.Rms(), 0.4);
  EXPECT_LE(errors.worst, 1.0);
}

TEST(MeasureNode, IsNotDrawnAlongABrightVessel) {
  const Errors errors = MeasureMany(true, false);
  errors.Print("at a vessel");
  EXPECT_GE(errors.measured, 150);
  EXPECT_LE(std::abs(errors.Bias()), 0.2);
  EXPECT_LE(errors.Rms(), 0.4);
  EXPECT_LE(errors.worst, 1.0);
}

TEST(MeasureNode, FindsTheEdgeToMuscle) {
  const Errors errors = MeasureMany(false, true);
  errors.Print("on muscle");
  EXPECT_GE(errors.measured, 150);
  EXPECT_LE(std::abs(errors.Bias()), 0.2);
  EXPECT_LE(errors.Rms(), 0.4);
  EXPECT_LE(errors.worst, 1.0);
}

TEST(MeasureNode, GivesVolumeMeanHuAndEndPointsOfAnEllipsoid) {
  EllipseScene scene;
  scene.node_hu = 85;
  scene.noise_hu = 5;
  EllipseCase drawn = Draw(scene);
  MeasureNode(drawn.volume, drawn.node);
  ASSERT_TRUE(drawn.node.short_axis) << drawn.node.not_measured_reason;
  EXPECT_EQ(drawn.node.not_measured_reason, "");
  ASSERT_TRUE(drawn.node.mean_hu);
  EXPECT_NEAR(*drawn.node.mean_hu, 85, 3);
  ASSERT_TRUE(drawn.node.volume_mm3);
  EXPECT_NEAR(*drawn.node.volume_mm3, std::numbers::pi / 6 * 8 * 11 * 12, 80);
  // The long axis lies along the row through the centre, which is at pixel edge 50.
  const auto& ends = drawn.node.long_axis->endpoints;
  EXPECT_NEAR((ends[0] + ends[2]) / 2, 50, 1.2);
  EXPECT_NEAR((ends[1] + ends[3]) / 2, 50, 1.2);
  EXPECT_NEAR(std::hypot(ends[0] - ends[2], ends[1] - ends[3]) * scene.pixel_mm, 11, 0.8);
  EXPECT_GT(std::abs(ends[0] - ends[2]), 2 * std::abs(ends[1] - ends[3]));
}

TEST(MeasureNode, MeasuresAndPlacesMostNodesOfAPhantom) {
  phantom::PhantomOptions options;
  options.seed = 103;
  options.slices = 60;
  const phantom::Phantom neck = phantom::MakePhantom(options);
  const Surroundings surroundings = FindSurroundings(neck.volume);
  std::size_t measured = 0;
  for (const phantom::TrueNode& truth : neck.nodes) {
    LymphNode node;
    for (const auto& box : truth.boxes)
      node.boxes.push_back({box.slice, box.box, 0.9, 0, false});
    node.key_slice = std::ranges::max_element(node.boxes, {}, [](const NodeBox& box) {
                       return box.box.Area();
                     })->slice;
    EXPECT_EQ(SideOf(node, neck.volume.grid(), surroundings.body, surroundings.landmarks),
              truth.side);
    MeasureNode(neck.volume, node);
    if (!node.short_axis)
      continue;
    ++measured;
    EXPECT_NEAR(node.short_axis->length_mm, truth.short_axis_mm, 2.0);
    EXPECT_NEAR(node.long_axis->length_mm, truth.long_axis_mm, 2.5);
  }
  EXPECT_GE(neck.nodes.size(), 3u);
  EXPECT_GE(10 * measured, 6 * neck.nodes.size());
}

TEST(MeasureNode, GivesTheSameNumbersTwice) {
  EllipseScene scene;
  scene.vessel = scene.muscle = true;
  EllipseCase first = Draw(scene), second = Draw(scene);
  MeasureNode(first.volume, first.node);
  MeasureNode(second.volume, second.node);
  ASSERT_EQ(first.node.short_axis.has_value(), second.node.short_axis.has_value());
  if (first.node.short_axis) {
    EXPECT_EQ(first.node.short_axis->length_mm, second.node.short_axis->length_mm);
    EXPECT_EQ(first.node.short_axis->endpoints, second.node.short_axis->endpoints);
  }
}

std::string ReasonOf(EllipseCase& drawn) {
  MeasureNode(drawn.volume, drawn.node);
  EXPECT_FALSE(drawn.node.short_axis || drawn.node.long_axis || drawn.node.volume_mm3 ||
               drawn.node.mean_hu);
  return drawn.node.not_measured_reason;
}

TEST(MeasureNode, RefusesANodeOnOneSlice) {
  EllipseCase drawn = Draw({});
  drawn.node.boxes = {drawn.node.KeyBox()};
  EXPECT_EQ(ReasonOf(drawn), "seen on one slice only");
}

TEST(MeasureNode, RefusesSlicesFartherApartThanFiveMillimetres) {
  EllipseScene scene;
  scene.slice_mm = 6;
  scene.height_mm = 30;
  EllipseCase drawn = Draw(scene);
  EXPECT_EQ(ReasonOf(drawn), "slices are 6.0 mm apart, limit 5.0 mm");
}

TEST(MeasureNode, RefusesWhatHasNoEdge) {
  EllipseScene scene;
  scene.node_hu = -100;  // fat in fat
  EllipseCase drawn = Draw(scene);
  EXPECT_NE(ReasonOf(drawn), "");
}

TEST(MeasureNode, RefusesABoxThatIsMuchTooLarge) {
  EllipseScene scene;
  scene.short_mm = 5;
  scene.long_mm = 5;
  EllipseCase drawn = Draw(scene);
  for (NodeBox& box : drawn.node.boxes)
    box.box = {box.box.x0 - 12, box.box.y0 - 12, box.box.x1 + 12, box.box.y1 + 12};
  EXPECT_NE(ReasonOf(drawn), "");
}

TEST(MeasureNode, SurvivesBoxesAtAndBeyondTheImagesEdge) {
  EllipseCase drawn = Draw({});
  for (NodeBox& box : drawn.node.boxes)
    box.box = {-6, -6, 3, 3};
  EXPECT_NE(ReasonOf(drawn), "");
  EllipseCase outside = Draw({});
  for (NodeBox& box : outside.node.boxes)
    box.box = {200, 200, 210, 210};
  EXPECT_NE(ReasonOf(outside), "");
}

}  // namespace
}  // namespace necknode::pipeline
