#include "pipeline/airway.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "pipeline/body_mask.h"

namespace necknode::pipeline {
namespace {

constexpr int kAirHu = -400;  // partial volume in a trachea of 15 mm stays below it
constexpr double kMinAreaMm2 = 20, kMaxAreaMm2 = 1500;  // a trachea has 100 to 400, a pharynx 1,000
constexpr double kOffMiddleMm = 30;
constexpr double kMaxStepMm = 12;  // sideways from one slice to the next that has an airway
constexpr double kForgetMm = 20;   // without an airway for so long the search starts again

// The middle between the body's outermost columns: good enough to tell the airway from the lungs.
double MiddleColumn(const cv::Mat& body) {
  std::vector<double> middles;
  for (int row = 0; row < body.rows; ++row) {
    const auto* at = body.ptr<std::uint8_t>(row);
    const auto* first = std::find_if(at, at + body.cols, [](std::uint8_t v) { return v != 0; });
    if (first == at + body.cols)
      continue;
    const auto* last = at + body.cols - 1;
    while (*last == 0)
      --last;
    middles.push_back(static_cast<double>((first - at) + (last - at)) / 2);
  }
  if (middles.empty())
    return body.cols / 2.0;
  const auto middle = middles.begin() + static_cast<std::ptrdiff_t>(middles.size() / 2);
  std::ranges::nth_element(middles, middle);
  return *middle;
}

std::vector<AirwayCut> CandidatesOn(const AxialView& view, int k) {
  std::vector<std::int16_t> slice = view.Slice(k);
  const cv::Mat hu(view.rows(), view.columns(), CV_16SC1, slice.data());
  const double middle = MiddleColumn(hu > kBodyHu);
  const cv::Mat air = hu < kAirHu;
  cv::Mat labels, stats, centroids;
  const int count = cv::connectedComponentsWithStats(air, labels, stats, centroids, 4);
  std::vector<AirwayCut> found;
  for (int label = 1; label < count; ++label) {
    const int* stat = stats.ptr<int>(label);
    const int left = stat[cv::CC_STAT_LEFT], top = stat[cv::CC_STAT_TOP];
    const int width = stat[cv::CC_STAT_WIDTH], height = stat[cv::CC_STAT_HEIGHT];
    if (left == 0 || top == 0 || left + width == air.cols || top + height == air.rows)
      continue;  // open to the room
    AirwayCut cut;
    cut.column = centroids.at<double>(label, 0);
    cut.row = centroids.at<double>(label, 1);
    cut.width_mm = width * view.column_mm();
    cut.height_mm = height * view.row_mm();
    cut.front_row = top;
    cut.back_row = top + height - 1;
    cut.area_mm2 = stat[cv::CC_STAT_AREA] * view.column_mm() * view.row_mm();
    if (cut.area_mm2 >= kMinAreaMm2 && cut.area_mm2 <= kMaxAreaMm2 &&
        std::abs(cut.column - middle) * view.column_mm() <= kOffMiddleMm)
      found.push_back(cut);
  }
  return found;
}

double ApartMm(const AxialView& view, const AirwayCut& a, const AirwayCut& b) {
  return std::hypot((a.column - b.column) * view.column_mm(), (a.row - b.row) * view.row_mm());
}

}  // namespace

std::vector<std::optional<AirwayCut>> TrackAirway(const AxialView& view) {
  std::vector<std::optional<AirwayCut>> track;
  std::optional<AirwayCut> before;
  int before_k = 0;
  for (int k = 0; k < view.slices(); ++k) {
    if (before && (k - before_k) * view.slice_mm() > kForgetMm)
      before.reset();
    const std::vector<AirwayCut> candidates = CandidatesOn(view, k);
    std::optional<AirwayCut> best;
    for (const AirwayCut& candidate : candidates) {
      if (!before && (!best || candidate.area_mm2 > best->area_mm2))
        best = candidate;
      if (before && ApartMm(view, candidate, *before) <= kMaxStepMm + view.slice_mm() &&
          (!best || ApartMm(view, candidate, *before) < ApartMm(view, *best, *before)))
        best = candidate;
    }
    track.push_back(best);
    if (best) {
      before = best;
      before_k = k;
    }
  }
  return track;
}

}  // namespace necknode::pipeline
