#include <cmath>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "core/error.h"
#include "tests/support/temp_folder.h"
#include "training/histogram_plot.h"
#include "training/plot_canvas.h"

namespace necknode::training {
namespace {

/// Share of the picture's pixels that are nearly of this colour.
double ShareOf(const cv::Mat& picture, const PlotColour& colour) {
  int count = 0;
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      const auto pixel = picture.at<cv::Vec3b>(y, x);
      count += std::abs(pixel[0] - colour.blue) + std::abs(pixel[1] - colour.green) +
                           std::abs(pixel[2] - colour.red) <
                       30
                   ? 1
                   : 0;
    }
  }
  return static_cast<double>(count) / (picture.rows * picture.cols);
}

TEST(RoundTicks, AreRoundAndInside) {
  EXPECT_EQ(RoundTicks(0, 1, 5), (std::vector<double>{0, 0.2, 0.4, 0.2 * 3, 0.8, 1}));
  EXPECT_EQ(RoundTicks(-3, 7, 5), (std::vector<double>{-2, 0, 2, 4, 6}));
  EXPECT_THROW((void)RoundTicks(1, 1, 5), Error);
  EXPECT_THROW((void)RoundTicks(0, std::numeric_limits<double>::infinity(), 5), Error);
}

TEST(LogTicks, AreDenseOnlyOverFewDecades) {
  EXPECT_EQ(LogTicks(0.5, 5).size(), 4U) << "0.5, 1, 2, 5";
  EXPECT_EQ(LogTicks(0.01, 100).size(), 5U) << "powers of ten";
  EXPECT_THROW((void)LogTicks(0, 1), Error);
}

TEST(PlotCanvas, DrawsWhatItIsGivenAndClipsIt) {
  const tests::TempFolder folder;
  PlotCanvas canvas(400, 300, "Title");
  auto panel = canvas.AddPanel(canvas.Room(), "", {"x", 0, 1, false, {}}, {"y", 0, 10, false, {}});
  panel.Line({{0, 5}, {1, 5}}, kPlotGreen, 4);
  panel.Line({{-5, 8}, {20, 8}}, kPlotBlue, 4);
  panel.Line({{0, 1}, {0.5, std::nan("")}, {1, 1}}, kPlotOrange, 4);
  panel.Point({std::nan(""), 2}, kPlotOrange);
  panel.Interval(0.5, 2, 30, kPlotPurple);
  panel.Bar(0.1, 0.2, 3, kPlotSky);
  canvas.Save(folder.path() / "plot.png");
  const cv::Mat picture = cv::imread((folder.path() / "plot.png").string());
  ASSERT_EQ(picture.cols, 400);
  ASSERT_EQ(picture.rows, 300);
  // A line of 4 pixels over the whole panel.
  EXPECT_NEAR(ShareOf(picture, kPlotGreen), 4.0 * 320 / (400 * 300), 0.004);
  EXPECT_NEAR(ShareOf(picture, kPlotBlue), 4.0 * 320 / (400 * 300), 0.004);
  EXPECT_EQ(ShareOf(picture, kPlotOrange), 0) << "not finite: left out";
  EXPECT_GT(ShareOf(picture, kPlotPurple), 0);
  EXPECT_EQ(ShareOf(picture(cv::Rect(0, 0, 400, 30)), kPlotPurple), 0) << "beyond the axes";
  EXPECT_GT(ShareOf(picture(cv::Rect(150, 8, 100, 30)), kPlotBlack), 0.01) << "the title";
}

TEST(PlotCanvas, SaysWhereItCannotWrite) {
  PlotCanvas canvas(50, 50, "");
  EXPECT_THROW(canvas.Save("/no/such/folder/plot.png"), Error);
}

TEST(PlotShapes, ShowsBothClasses) {
  const tests::TempFolder folder;
  std::vector<BoxShape> shapes;
  for (int i = 0; i < 40; ++i) {
    shapes.push_back({10.0 + i, 12, 5.0 + i / 2.0, 6, 0.05 + 0.005 * i, i % 2 == 0});
  }
  PlotShapes(shapes, "made up", folder.path() / "shapes.png");
  PlotShapes({shapes[0]}, "one box", folder.path() / "one.png");
  const cv::Mat picture = cv::imread((folder.path() / "shapes.png").string());
  EXPECT_GT(ShareOf(picture, kPlotBlue), 0.0005);
  EXPECT_GT(ShareOf(picture, kPlotOrange), 0.0005);
  EXPECT_THROW(PlotShapes({}, "none", folder.path() / "none.png"), Error);
}

TEST(PlotAnchors, DrawsTheAnchorsOverTheBoxes) {
  const tests::TempFolder folder;
  PlotAnchors({{10, 12}, {20, 30}, {15, 15}},
              {{10, 15, 20, 25, 30}, {0.7, 1, 1.4}},
              {{16, 24, 36, 40, 56}, {0.5, 1, 2}},
              folder.path() / "anchors.png");
  EXPECT_GT(ShareOf(cv::imread((folder.path() / "anchors.png").string()), kPlotOrange), 0.001);
}

}  // namespace
}  // namespace necknode::training
