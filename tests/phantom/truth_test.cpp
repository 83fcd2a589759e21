#include "phantom/truth.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace necknode::phantom {
namespace {

constexpr int kColumns = 200;

std::vector<int> Ellipse(double cx, double cy, double a, double b, double slope) {
  std::vector<int> pixels;
  const double norm = 1 / std::sqrt(1 + slope * slope);
  for (int y = 0; y < kColumns; ++y) {
    for (int x = 0; x < kColumns; ++x) {
      const double u = ((x - cx) + slope * (y - cy)) * norm / a;
      const double v = ((y - cy) - slope * (x - cx)) * norm / b;
      if (u * u + v * v <= 1) {
        pixels.push_back(y * kColumns + x);
      }
    }
  }
  return pixels;
}

TEST(MeasureCut, GivesTheDiametersOfEllipsesAtAnyAngle) {
  for (const double slope : {0.0, 0.4, 1.0, -0.7, -3.0}) {
    const auto cut = MeasureCut(Ellipse(100, 90, 20, 12, slope), kColumns, 0.5);
    ASSERT_TRUE(cut);
    EXPECT_NEAR(cut->long_mm, 20, 0.8) << slope;
    EXPECT_NEAR(cut->short_mm, 12, 0.9) << slope;
  }
}

TEST(MeasureCut, BoxIsTightInPixelEdges) {
  const std::vector<int> corners = {
      10 * kColumns + 20, 10 * kColumns + 27, 19 * kColumns + 20, 19 * kColumns + 27};
  const auto cut = MeasureCut(corners, kColumns, 1);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->box, (Box{20, 10, 28, 20}));
}

TEST(MeasureCut, DropsCutsTooThinToBeSeen) {
  EXPECT_FALSE(MeasureCut({}, kColumns, 0.5));
  EXPECT_FALSE(MeasureCut(Ellipse(50, 50, 12, 2.5, 0.3), kColumns, 0.45));
  EXPECT_TRUE(MeasureCut(Ellipse(50, 50, 12, 5, 0.3), kColumns, 0.45));
}

Phantom MadeUp() {
  Phantom phantom;
  VolumeGrid grid;
  grid.columns = grid.rows = 64;
  grid.slices = 3;
  grid.column_spacing_mm = grid.row_spacing_mm = 0.5;
  grid.slice_spacing_mm = 2;
  grid.first = {{0, 0, 100}, {1, 0, 0}, {0, 1, 0}};
  phantom.volume = Volume(grid);
  phantom.options.seed = 9;
  phantom.nodes.push_back({1,
                           true,
                           Side::kLeft,
                           "III",
                           6.5,
                           8.25,
                           {1, 2, 102},
                           {{0, {10, 20, 23, 31}}, {1, {11, 20, 24, 32}}}});
  phantom.nodes.push_back(
      {4, false, Side::kRight, "II", 5, 7, {1, 2, 104}, {{2, {40, 41, 52, 49}}}});
  return phantom;
}

TEST(TruthAsCoco, IsWellFormedCoco) {
  const auto coco = nlohmann::json::parse(
      TruthAsCoco(MadeUp(), {"a.dcm", "b.dcm", "c.dcm"}, {"1.2", "1.3", "1.4"}));
  ASSERT_EQ(coco["images"].size(), 3U);
  EXPECT_EQ(coco["images"][1]["file_name"], "b.dcm");
  EXPECT_EQ(coco["images"][1]["sop_instance_uid"], "1.3");
  EXPECT_EQ(coco["images"][2]["width"], 64);
  EXPECT_EQ(coco["categories"][0]["name"], "benign");
  EXPECT_EQ(coco["categories"][1]["id"], 2);
  ASSERT_EQ(coco["annotations"].size(), 3U);
  std::set<int> ids;
  for (const auto& annotation : coco["annotations"]) {
    ids.insert(annotation["id"].get<int>());
    const auto box = annotation["bbox"].get<std::vector<double>>();
    EXPECT_EQ(annotation["area"].get<double>(), box[2] * box[3]);
  }
  EXPECT_EQ(ids.size(), 3U);
  const auto& second = coco["annotations"][1];
  EXPECT_EQ(second["image_id"], 2);
  EXPECT_EQ(second["category_id"], 2);
  EXPECT_EQ(second["bbox"], (std::vector<double>{11, 20, 13, 12}));
  EXPECT_EQ(second["node_id"], 1);
  EXPECT_EQ(second["side"], "left");
  EXPECT_EQ(second["level"], "III");
  EXPECT_NEAR(second["long_axis_mm"].get<double>(), 8.25, 1e-9);
}

TEST(TruthAsCoco, SaysThatItIsAPhantom) {
  const auto info = nlohmann::json::parse(TruthAsCoco(MadeUp(), {}, {}))["info"];
  EXPECT_EQ(info["description"], "phantom, not a patient");
  EXPECT_EQ(info["seed"], 9);
  EXPECT_EQ(info["version"], kGeneratorVersion);
}

TEST(TruthAsCoco, RefusesNamesThatDoNotFitTheSlices) {
  EXPECT_THROW(static_cast<void>(TruthAsCoco(MadeUp(), {"a.dcm"}, {})), Error);
}

}  // namespace
}  // namespace necknode::phantom
