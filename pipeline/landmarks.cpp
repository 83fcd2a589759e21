#include "pipeline/landmarks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include <opencv2/imgproc.hpp>

#include "pipeline/airway.h"
#include "pipeline/axial_view.h"
#include "pipeline/solid_parts.h"

namespace necknode::pipeline {
namespace {

constexpr double kCellMm = 1.0;
constexpr int kBoneHu = 200;  // above contrast in veins; arteries may exceed it for some seconds

// Spine: bone behind the airway, within this of the airway's middle.
constexpr double kSpineHalfWidthMm = 35, kSpineDepthMm = 80;
constexpr double kMinSpineMm2 = 80;
constexpr double kFrontHalfWidthMm = 8;  // of the vertebral body that is looked at for its front
constexpr double kBodyHalfDepthMm = 8;   // half of a cervical vertebral body, 15 to 18 mm deep
constexpr double kSpineWindowMm =
    14;  // median over this on both sides: a disc's slice has little bone

// Hyoid: a free arch before the airway (25 to 50 mm wide, the small horns may add or miss some).
constexpr double kMinHyoidWidthMm = 20, kMaxHyoidWidthMm = 60;
constexpr double kMinHyoidHeightMm = 3, kMaxHyoidHeightMm = 35;
constexpr double kMinHyoidMm3 = 250, kMaxHyoidMm3 = 12000;
constexpr double kHyoidBodyHalfMm = 8;  // of the midline: body, not horns
constexpr double kBehindFrontMm = 10;   // no horn reaches farther behind the front of the spine
constexpr std::array<int, 3> kHyoidHu = {200, 350, 500};  // the lowest that frees it from arteries

// Cricoid: below the slit of the glottis the airway becomes round inside the cricoid ring. The arch
// is 5 to 7 mm high and lies in front of the ring's upper half, so that its lower border lies about
// so far below the first round slice. A guess: cartilage has muscle's HU and ossifies without
// pattern.
constexpr double kSlitShape = 0.75, kRoundShape = 0.85;  // width against height
constexpr double kArchMm = 4;
constexpr double kGlottisMinMm = 8, kGlottisMaxMm = 55;  // below the hyoid
constexpr double kCricoidReachMm = 28;                   // below the glottis

// Manubrium: the highest bone in the midline before the airway, at least so far below the cricoid.
constexpr double kMinManubriumMm2 = 20;
constexpr double kManubriumHalfMm = 8;
constexpr int kManubriumHu = 300;  // above an enhancing thyroid
constexpr double kManubriumRunMm = 8;
constexpr double kBelowCricoidMm = 15, kBelowHyoidMm = 45;

constexpr double kCavityGapMm = 6;
constexpr double kMinCavityMm2 = 4000;  // brain within bone; the canal of the spine has 500

/// One volume's search: everything in cells of the view, turned into mm at the end.
class Search {
 public:
  explicit Search(const AxialView& view)
      : view_(view), airway_(TrackAirway(view)), spine_(static_cast<std::size_t>(view.slices())) {
    FindSpine();
  }

  Landmarks Find() {
    Landmarks found;
    found.lowest_z = HeightOf(0);
    found.spine.resize(spine_.size());
    found.airway_y.resize(spine_.size());
    for (int k = 0; k < view_.slices(); ++k) {
      const auto z = static_cast<std::size_t>(view_.VolumeSlice(k));
      if (const auto& spine = At(spine_, k)) {
        const Vec3 front = view_.ToPatient(spine->column, spine->front_row, k);
        found.spine[z] = {front.x, front.y, front.y + kBodyHalfDepthMm};
      }
      if (const auto& airway = At(airway_, k))
        found.airway_y[z] = view_.ToPatient(airway->column, airway->row, k).y;
    }
    const std::optional<int> skull = SkullBase();
    const std::optional<int> hyoid = Hyoid(skull.value_or(view_.slices()));
    const std::optional<double> cricoid = hyoid ? Cricoid(*hyoid) : std::nullopt;
    if (skull)
      found.skull_base_z = HeightOf(*skull);
    if (hyoid)
      found.hyoid_z = HeightOf(*hyoid) - view_.slice_mm() / 2;
    if (cricoid)
      found.cricoid_z = *cricoid;
    if (const auto manubrium = Manubrium(hyoid, cricoid))
      found.manubrium_z = HeightOf(*manubrium) + view_.slice_mm() / 2;
    return found;
  }

 private:
  struct SpineCut {
    double column = 0, front_row = 0;
  };

  template <typename T>
  static const std::optional<T>& At(const std::vector<std::optional<T>>& track, int k) {
    return track[static_cast<std::size_t>(k)];
  }
  [[nodiscard]] double HeightOf(double k) const {
    return view_.ToPatient(view_.columns() / 2.0, view_.rows() / 2.0, k).z;
  }
  [[nodiscard]] int SlicesIn(double mm) const {
    return static_cast<int>(std::lround(mm / view_.slice_mm()));
  }
  [[nodiscard]] double CellMm2() const { return view_.column_mm() * view_.row_mm(); }

  // The airway here or on the nearest slice that has one.
  [[nodiscard]] const AirwayCut* NearestAirway(int k) const {
    for (int away = 0; away < view_.slices(); ++away) {
      for (const int other : {k - away, k + away}) {
        if (other >= 0 && other < view_.slices() && At(airway_, other))
          return &*At(airway_, other);
      }
    }
    return nullptr;
  }

  [[nodiscard]] cv::Mat Bone(int k, int hu = kBoneHu) const {
    std::vector<std::int16_t> slice = view_.Slice(k);
    return cv::Mat(view_.rows(), view_.columns(), CV_16SC1, slice.data()) > hu;
  }

  [[nodiscard]] std::optional<SpineCut> SpineOn(int k) const {
    const AirwayCut* airway = NearestAirway(k);
    if (airway == nullptr)
      return std::nullopt;
    const double reach = kSpineHalfWidthMm / view_.column_mm();
    const int left = std::max(0, static_cast<int>(airway->column - reach));
    const int right = std::min(view_.columns() - 1, static_cast<int>(airway->column + reach));
    const int top = std::min(view_.rows(), static_cast<int>(airway->back_row) + 1);
    const int bottom =
        std::min(view_.rows(), top + static_cast<int>(kSpineDepthMm / view_.row_mm()));
    const cv::Mat bone = Bone(k);
    std::vector<int> columns;
    for (int row = top; row < bottom; ++row) {
      for (int column = left; column <= right; ++column) {
        if (bone.at<std::uint8_t>(row, column) != 0)
          columns.push_back(column);
      }
    }
    if (static_cast<double>(columns.size()) * CellMm2() < kMinSpineMm2)
      return std::nullopt;
    const auto middle = columns.begin() + static_cast<std::ptrdiff_t>(columns.size() / 2);
    std::ranges::nth_element(columns, middle);
    SpineCut cut;
    cut.column = *middle;
    const double half = kFrontHalfWidthMm / view_.column_mm();
    int seen = 0;
    for (int row = top; row < bottom; ++row) {
      for (int column = left; column <= right; ++column) {
        if (bone.at<std::uint8_t>(row, column) != 0 && std::abs(column - cut.column) <= half)
          ++seen;
      }
      if (seen * CellMm2() >= kFrontHalfWidthMm) {  // a millimetre's depth of it
        cut.front_row = row;
        return cut;
      }
    }
    return std::nullopt;
  }

  void FindSpine() {
    std::vector<std::optional<SpineCut>> own;
    for (int k = 0; k < view_.slices(); ++k)
      own.push_back(SpineOn(k));
    const int window = SlicesIn(kSpineWindowMm);
    for (int k = 0; k < view_.slices(); ++k) {
      std::vector<double> columns, fronts;
      for (int other = std::max(0, k - window); other <= std::min(view_.slices() - 1, k + window);
           ++other) {
        if (const auto& cut = At(own, other)) {
          columns.push_back(cut->column);
          fronts.push_back(cut->front_row);
        }
      }
      if (columns.empty())
        continue;
      const auto pick = [](std::vector<double>& values, double share) {
        const auto at = values.begin() +
                        static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
        std::ranges::nth_element(values, at);
        return *at;
      };
      // Slices of a disc show bone only behind it: the front is nearer to the foremost ones.
      spine_[static_cast<std::size_t>(k)] = {pick(columns, 0.5), pick(fronts, 0.3)};
    }
  }

  // The lowest of the highest slices on which bone encloses the brain.
  [[nodiscard]] std::optional<int> SkullBase() const {
    std::optional<int> lowest;
    for (int k = view_.slices() - 1; k >= 0; --k) {
      if (HasCavity(k))
        lowest = k;
      else if (lowest && (*lowest - k) * view_.slice_mm() > kCavityGapMm)
        break;
    }
    return lowest;
  }
  [[nodiscard]] bool HasCavity(int k) const {
    cv::Mat bone = Bone(k), closed, labels, stats, centroids;
    cv::morphologyEx(
        bone, closed, cv::MORPH_CLOSE, cv::getStructuringElement(cv::MORPH_ELLIPSE, {9, 9}));
    const cv::Mat free = closed == 0;
    const int count = cv::connectedComponentsWithStats(free, labels, stats, centroids, 4);
    for (int label = 1; label < count; ++label) {
      const int* stat = stats.ptr<int>(label);
      const int left = stat[cv::CC_STAT_LEFT], top = stat[cv::CC_STAT_TOP];
      if (left > 0 && top > 0 && left + stat[cv::CC_STAT_WIDTH] < free.cols &&
          top + stat[cv::CC_STAT_HEIGHT] < free.rows &&
          stat[cv::CC_STAT_AREA] * CellMm2() >= kMinCavityMm2)
        return true;
    }
    return false;
  }

  // Lowest slice of the hyoid's body, below slice `top`.
  [[nodiscard]] std::optional<int> Hyoid(int top) const {
    const double cell_mm3 = CellMm2() * view_.slice_mm();
    for (const int hu : kHyoidHu) {
      std::optional<int> best;
      for (const SolidPart& part :
           FindSolidParts(view_, hu, static_cast<int>(kMinHyoidMm3 / cell_mm3))) {
        const double width = (part.high.column - part.low.column + 1) * view_.column_mm();
        const double height = (part.high.k - part.low.k + 1) * view_.slice_mm();
        const double volume = static_cast<double>(part.cells.size()) * cell_mm3;
        if (width < kMinHyoidWidthMm || width > kMaxHyoidWidthMm || height < kMinHyoidHeightMm ||
            height > kMaxHyoidHeightMm || volume > kMaxHyoidMm3 || part.high.k >= top)
          continue;
        // Of several (ossified thyroid cartilage lies below) the highest.
        if (const auto body = BodyOfArch(part); body && (!best || *body > *best))
          best = body;
      }
      if (best)
        return best;
    }
    return std::nullopt;
  }
  // The lowest slice of the hyoid's body, where the part is an arch before the airway: around the
  // slice with most of it in the midline, those with at least half as much. What lies lower in the
  // midline is ossified thyroid cartilage that the small horns have joined to it.
  [[nodiscard]] std::optional<int> BodyOfArch(const SolidPart& part) const {
    if (part.low.k == 0)
      return std::nullopt;  // cut off by the volume's end
    std::vector<int> in_midline(static_cast<std::size_t>(view_.slices()));
    double left = 1e9, right = -1e9;
    for (const SolidPart::Cell& cell : part.cells) {
      const AirwayCut* airway = NearestAirway(cell.k);
      const auto& spine = At(spine_, cell.k);
      if (airway == nullptr || !spine)
        return std::nullopt;
      if (cell.row > spine->front_row + kBehindFrontMm / view_.row_mm())
        return std::nullopt;  // jaw, skull or rib
      const double aside = (cell.column - airway->column) * view_.column_mm();
      left = std::min(left, aside);
      right = std::max(right, aside);
      if (std::abs(aside) <= kHyoidBodyHalfMm && cell.row < airway->row)
        ++in_midline[static_cast<std::size_t>(cell.k)];
    }
    const auto most = std::ranges::max_element(in_midline);
    if (*most == 0 || left > -kHyoidBodyHalfMm || right < kHyoidBodyHalfMm)
      return std::nullopt;
    auto lowest = most;
    while (lowest != in_midline.begin() && 2 * *(lowest - 1) >= *most)
      --lowest;
    return static_cast<int>(lowest - in_midline.begin());
  }

  // Height (mm) of the cricoid arch's lower border.
  [[nodiscard]] std::optional<double> Cricoid(int hyoid) const {
    const auto shape = [&](int k) -> std::optional<double> {
      const auto& cut = At(airway_, k);
      return cut ? std::optional(cut->width_mm / cut->height_mm) : std::nullopt;
    };
    std::optional<int> glottis;
    for (int k = std::max(0, hyoid - SlicesIn(kGlottisMaxMm)); k <= hyoid - SlicesIn(kGlottisMinMm);
         ++k) {
      const auto here = shape(k);
      if (here && *here <= kSlitShape && (!glottis || *here < *shape(*glottis)))
        glottis = k;
    }
    if (!glottis)
      return std::nullopt;
    for (int k = *glottis - 1; k >= std::max(1, *glottis - SlicesIn(kCricoidReachMm)); --k) {
      const auto here = shape(k), below = shape(k - 1);
      if (here && below && *here >= kRoundShape && *below >= kRoundShape)
        return HeightOf(k) - kArchMm;
    }
    return std::nullopt;
  }

  // The highest slice of the manubrium.
  [[nodiscard]] std::optional<int> Manubrium(const std::optional<int>& hyoid,
                                             const std::optional<double>& cricoid) const {
    if (!hyoid)
      return std::nullopt;
    const double highest = cricoid ? *cricoid - kBelowCricoidMm : HeightOf(*hyoid) - kBelowHyoidMm;
    for (int k = view_.slices() - 1; k >= 0; --k) {
      if (HeightOf(k) > highest)
        continue;
      bool goes_on = true;  // thyroid, cartilage and vessels are bright over a few slices only
      for (int below = k; goes_on && below >= std::max(0, k - SlicesIn(kManubriumRunMm)); --below)
        goes_on = HasMidlineBone(below);
      if (goes_on)
        return k;
    }
    return std::nullopt;
  }
  [[nodiscard]] bool HasMidlineBone(int k) const {
    const auto& airway = At(airway_, k);
    const auto& spine = At(spine_, k);
    if (!airway || !spine)
      return false;
    const cv::Mat bone = Bone(k, kManubriumHu);
    const double half = kManubriumHalfMm / view_.column_mm();
    int cells = 0;
    for (int row = 0; row < static_cast<int>(airway->front_row); ++row) {
      for (int column = 0; column < bone.cols; ++column) {
        if (std::abs(column - spine->column) <= half && bone.at<std::uint8_t>(row, column) != 0)
          ++cells;
      }
    }
    return cells * CellMm2() >= kMinManubriumMm2;
  }

  const AxialView& view_;
  std::vector<std::optional<AirwayCut>> airway_;
  std::vector<std::optional<SpineCut>> spine_;
};

}  // namespace

Landmarks FindLandmarks(const Volume& volume) {
  if (const auto view = AxialView::Of(volume, kCellMm))
    return Search(*view).Find();
  Landmarks none;
  none.spine.resize(static_cast<std::size_t>(volume.grid().slices));
  none.airway_y.resize(static_cast<std::size_t>(volume.grid().slices));
  return none;
}

}  // namespace necknode::pipeline
