#include "pipeline/locate_node.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace necknode::pipeline {
namespace {

constexpr double kMidlineMm = 5.0;    // nearer than this, the side is not certain
constexpr double kAxialCosine = 0.9;  // rows must run left-right to within some 25 degrees

// Our own rules (NODES of the design, untested on patients), mm.
constexpr double kCentralMm = 12;       // between the carotids, whatever a goitre does
constexpr double kLateralMm = 30;       // beside them
constexpr double kBeforeAirwayMm = 10;  // level I, before the back of the submandibular gland
// The back of the sternocleidomastoid lies about the middle of the vertebral bodies: on 14 phantoms
// 10 mm before it to 15 mm behind.
constexpr double kBeforeMuscleMm = -10, kBehindMuscleMm = 15;
constexpr double kMarginMm = 5, kMarginSlices = 1.5;  // a height is not known better
constexpr double kSupraclavicularMm = 20;             // above the manubrium: the clavicles' height

Vec3 MiddleOf(const LymphNode& node, const VolumeGrid& grid) {
  // Pixel edges to pixel centres: the first pixel's centre is at 0.5.
  const Box& box = node.KeyBox().box;
  return grid.ToPatient(box.CentreX() - 0.5, box.CentreY() - 0.5, node.key_slice);
}

/// Where a height lies against a landmark that may be missing.
enum class Against { kAbove, kNear, kBelow, kUnknown };
Against Compare(double z, const std::optional<double>& landmark, double margin) {
  if (!landmark)
    return Against::kUnknown;
  if (std::abs(z - *landmark) < margin)
    return Against::kNear;
  return z > *landmark ? Against::kAbove : Against::kBelow;
}

// The jugular chain, II to IV.
std::string ChainLevel(double z, const Landmarks& marks, double margin) {
  const Against hyoid = Compare(z, marks.hyoid_z, margin);
  const Against cricoid = Compare(z, marks.cricoid_z, margin);
  if (hyoid == Against::kAbove)
    return "II";
  if (hyoid == Against::kNear)
    return "II/III";
  if (cricoid == Against::kAbove)
    return hyoid == Against::kUnknown ? "II/III" : "III";
  if (cricoid == Against::kNear)
    return "III/IV";
  if (cricoid == Against::kUnknown)
    return hyoid == Against::kUnknown ? "" : "III/IV";
  // Without a manubrium in the images it lies below them.
  const double manubrium = marks.manubrium_z.value_or(marks.lowest_z);
  return z - manubrium < kSupraclavicularMm ? "IV or supraclavicular" : "IV";
}

std::string CentralLevel(double z, const Landmarks& marks, double margin) {
  if (marks.manubrium_z && z < *marks.manubrium_z)
    return "VII or mediastinal";
  const Against hyoid = Compare(z, marks.hyoid_z, margin);
  const Against cricoid = Compare(z, marks.cricoid_z, margin);
  const bool below_hyoid =
      hyoid == Against::kBelow || (hyoid == Against::kUnknown && cricoid == Against::kBelow);
  return below_hyoid ? "VI" : "";
}

}  // namespace

Side SideOf(const LymphNode& node,
            const VolumeGrid& grid,
            const BodyMask& body,
            const Landmarks& landmarks) {
  const auto key = static_cast<std::size_t>(node.key_slice);
  const BodySlice& slice = body.slices.at(key);
  if (std::abs(grid.first.row_direction.x) < kAxialCosine)
    return Side::kNotDetermined;
  const Vec3 place = MiddleOf(node, grid);
  double midline_x = 0;
  if (const auto& spine = landmarks.spine.at(key))
    midline_x = spine->midline_x;
  else if (slice.midline_known)
    midline_x = grid.ToPatient(slice.midline_x, node.KeyBox().box.CentreY(), node.key_slice).x;
  else
    return Side::kNotDetermined;
  const double to_the_left = place.x - midline_x;
  if (std::abs(to_the_left) < kMidlineMm)
    return Side::kMidline;
  return to_the_left > 0 ? Side::kLeft : Side::kRight;
}

std::string LevelOf(const LymphNode& node, const VolumeGrid& grid, const Landmarks& landmarks) {
  const auto& spine = landmarks.spine.at(static_cast<std::size_t>(node.key_slice));
  if (!spine)
    return {};
  const Vec3 place = MiddleOf(node, grid);
  const double aside = std::abs(place.x - spine->midline_x);
  const double margin = std::max(kMarginMm, kMarginSlices * grid.slice_spacing_mm);
  const Against hyoid = Compare(place.z, landmarks.hyoid_z, margin);

  const auto& airway_y = landmarks.airway_y.at(static_cast<std::size_t>(node.key_slice));
  const double before_airway = airway_y ? *airway_y - place.y : 0;
  if (hyoid == Against::kAbove && before_airway > kBeforeAirwayMm)
    return "I";
  if (aside > kLateralMm) {
    const double behind = place.y - spine->centre_y;
    if (behind >= kBehindMuscleMm)
      return hyoid == Against::kBelow ? "V" : "V or IIB";
    const std::string chain = ChainLevel(place.z, landmarks, margin);
    if (chain.empty() || behind < kBeforeMuscleMm)
      return hyoid == Against::kAbove && before_airway > 0 ? "I or " + chain : chain;
    return chain + " or V";
  }
  if (aside <= kCentralMm && place.y < spine->front_y)
    return CentralLevel(place.z, landmarks, margin);
  return {};
}

}  // namespace necknode::pipeline
