#include "pipeline/node_texture.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <opencv2/imgproc.hpp>

namespace necknode::pipeline {
namespace {

constexpr double kPartialVolumeMm = 1.0;  // the outer ring that is left out
constexpr double kSmoothingMm = 2.0;      // full width at half maximum
constexpr double kFwhmPerSigma = 2.355;
constexpr double kMarginMm = 4;  // around the contour: what the smoothing reaches
constexpr double kMinCysticHu = 0, kMaxCysticHu = 25;
constexpr double kMinCystMm = 3;  // across
// Smoothing draws the solid tissue around a cyst into it: its edge is given back, up to here.
constexpr double kCystEdgeMm = 1, kMinCystEdgeHu = -10, kMaxCystEdgeHu = 50;
constexpr int kCalcifiedHu = 300;
constexpr double kMinCalcifiedMm3 = 1;
constexpr double kMinFatHu = -150, kMaxFatHu = -20;
constexpr double kMinFatMm2 = 4;

/// One contour's surroundings: HU, smoothed HU, and what lies inside.
struct Cutout {
  cv::Mat hu;        // CV_32F
  cv::Mat smoothed;  // CV_32F
  cv::Mat inner;     // CV_8U, without the outer ring
  double pixel_mm2 = 0, column_mm = 0, row_mm = 0;
};

Cutout CutOut(const Volume& volume, const SliceContour& outline) {
  const VolumeGrid& grid = volume.grid();
  const RayContour& contour = outline.contour;
  const double reach = *std::ranges::max_element(contour.radius_mm) + kMarginMm;
  const auto from = [&](double centre, double spacing) {
    return std::max(0, static_cast<int>(std::floor((centre - reach) / spacing)));
  };
  const auto to = [&](double centre, double spacing, int count) {
    return std::min(count, static_cast<int>(std::ceil((centre + reach) / spacing)) + 1);
  };
  const int x0 = from(contour.centre.x, grid.column_spacing_mm);
  const int x1 = to(contour.centre.x, grid.column_spacing_mm, grid.columns);
  const int y0 = from(contour.centre.y, grid.row_spacing_mm);
  const int y1 = to(contour.centre.y, grid.row_spacing_mm, grid.rows);
  Cutout cut;
  cut.column_mm = grid.column_spacing_mm;
  cut.row_mm = grid.row_spacing_mm;
  cut.pixel_mm2 = cut.column_mm * cut.row_mm;
  cut.hu = cv::Mat(std::max(0, y1 - y0), std::max(0, x1 - x0), CV_32F);
  cut.inner = cv::Mat::zeros(cut.hu.size(), CV_8U);
  for (int y = y0; y < y1; ++y) {
    for (int x = x0; x < x1; ++x) {
      cut.hu.at<float>(y - y0, x - x0) = volume.At(x, y, outline.slice);
      const PlanePoint middle = {(x + 0.5) * grid.column_spacing_mm,
                                 (y + 0.5) * grid.row_spacing_mm};
      if (contour.Contains(middle, kPartialVolumeMm))
        cut.inner.at<std::uint8_t>(y - y0, x - x0) = 255;
    }
  }
  if (!cut.hu.empty()) {
    cv::GaussianBlur(cut.hu,
                     cut.smoothed,
                     cv::Size(0, 0),
                     kSmoothingMm / kFwhmPerSigma / cut.column_mm,
                     kSmoothingMm / kFwhmPerSigma / cut.row_mm,
                     cv::BORDER_REPLICATE);
  }
  return cut;
}

cv::Mat CystsIn(const Cutout& cut) {
  cv::Mat cysts = (cut.smoothed >= kMinCysticHu) & (cut.smoothed <= kMaxCysticHu) & cut.inner;
  // Opening with a disc leaves what holds one: not the thin band where fat passes into tissue.
  const auto disc = [&](double across_mm) {
    const auto pixels = [&](double spacing_mm) {
      return std::max(1, static_cast<int>(std::lround(across_mm / spacing_mm)) | 1);
    };
    return cv::getStructuringElement(cv::MORPH_ELLIPSE,
                                     cv::Size(pixels(cut.column_mm), pixels(cut.row_mm)));
  };
  cv::morphologyEx(
      cysts, cysts, cv::MORPH_OPEN, disc(kMinCystMm), cv::Point(-1, -1), 1, cv::BORDER_CONSTANT, 0);
  cv::dilate(cysts, cysts, disc(2 * kCystEdgeMm));
  cysts &= (cut.smoothed >= kMinCystEdgeHu) & (cut.smoothed <= kMaxCystEdgeHu) & cut.inner;
  return cysts;
}

// Whether fat inside the node reaches its edge.
bool HasFattyHilum(const Cutout& cut) {
  const cv::Mat fat = (cut.smoothed >= kMinFatHu) & (cut.smoothed <= kMaxFatHu) & cut.inner;
  cv::Mat without_edge, labels, stats, centroids;
  cv::erode(cut.inner, without_edge, cv::getStructuringElement(cv::MORPH_RECT, {3, 3}));
  const cv::Mat edge = cut.inner & ~without_edge;
  const int count = cv::connectedComponentsWithStats(fat, labels, stats, centroids, 4);
  for (int label = 1; label < count; ++label) {
    const bool reaches_edge = cv::countNonZero((labels == label) & edge) > 0;
    if (reaches_edge && stats.at<int>(label, cv::CC_STAT_AREA) * cut.pixel_mm2 >= kMinFatMm2)
      return true;
  }
  return false;
}

}  // namespace

NodeTexture TextureOf(const Volume& volume, const std::vector<SliceContour>& contours) {
  NodeTexture texture;
  double hu_sum = 0;
  std::int64_t inner = 0, cystic = 0, calcified = 0, solid = 0;
  double pixel_mm2 = 0;
  for (const SliceContour& outline : contours) {
    const Cutout cut = CutOut(volume, outline);
    if (cut.hu.empty())
      continue;
    pixel_mm2 = cut.pixel_mm2;
    const cv::Mat cysts = CystsIn(cut);
    const cv::Mat calcium = (cut.hu >= kCalcifiedHu) & cut.inner;
    const cv::Mat rest = cut.inner & ~cysts & ~calcium;
    inner += cv::countNonZero(cut.inner);
    cystic += cv::countNonZero(cysts);
    calcified += cv::countNonZero(calcium);
    const int count = cv::countNonZero(rest);
    solid += count;
    if (count > 0)
      hu_sum += cv::mean(cut.hu, rest)[0] * count;
    texture.fatty_hilum = texture.fatty_hilum || HasFattyHilum(cut);
  }
  if (inner > 0)
    texture.cystic_fraction = static_cast<double>(cystic) / static_cast<double>(inner);
  if (solid > 0)
    texture.mean_hu = hu_sum / static_cast<double>(solid);
  const double calcified_mm3 =
      static_cast<double>(calcified) * pixel_mm2 * volume.grid().slice_spacing_mm;
  if (calcified_mm3 >= kMinCalcifiedMm3)
    texture.calcification_mm3 = calcified_mm3;
  return texture;
}

}  // namespace necknode::pipeline
