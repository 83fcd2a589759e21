#include "phantom/patient.h"

#include <algorithm>
#include <cmath>

#include "phantom/random.h"

namespace necknode::phantom {
namespace {

constexpr double kReferenceX = 123.5, kReferenceY = 92;
// The part of the atlas that is a neck: from the sternal notch to the atlas's arch.
constexpr double kNeckLow = 24, kNeckHigh = 141, kAtlasLow = 2, kAtlasHigh = 232;

enum Stream : std::uint64_t { kShape = 1, kScan = 2, kBend = 3, kWobble = 4 };

}  // namespace

Patient::Patient(const PhantomOptions& options)
    : bend_(Scramble(options.seed ^ (std::uint64_t{kBend} << 32)), 38, 2.6),
      wobble_(Scramble(options.seed ^ (std::uint64_t{kWobble} << 32)), 15, 0.75) {
  Random shape(options.seed, kShape), scan(options.seed, kScan);
  mirrored_ = shape.Chance(0.5);
  const double size = shape.Normal(1.0, 0.045);
  scale_x_ = size * shape.Normal(1.0, 0.03);
  scale_y_ = size * shape.Normal(1.0, 0.03);
  scale_z_ = size * shape.Normal(1.0, 0.05);
  roll_ = shape.Normal(0, 0.03);
  pitch_ = shape.Normal(0, 0.05);
  ChooseTissue(scan);

  const auto grow = [&](Channel channel, double both, double side) {
    growth_[IndexOf(channel)] = static_cast<float>(shape.Normal(0, both));
    side_growth_[IndexOf(channel)] = static_cast<float>(shape.Normal(0, side));
  };
  grow(Channel::kArtery, 0.35, 0.2);
  grow(Channel::kVein, 0.5, 0.9);
  grow(Channel::kThyroid, 0.7, 0.4);
  grow(Channel::kSubmandibular, 0.8, 0.4);
  grow(Channel::kParotid, 0.6, 0.3);
  grow(Channel::kAirway, 0.5, 0);
  grow(Channel::kMucosa, 0.3, 0.3);
  grow(Channel::kCartilage, 0.15, 0);
  grow(Channel::kBone, 0.15, 0);
  const auto lean = static_cast<float>(shape.Normal(0.2, 0.4));
  for (const auto channel :
       {Channel::kMuscleA, Channel::kMuscleB, Channel::kMuscleC, Channel::kMuscleD}) {
    growth_[IndexOf(channel)] = lean;
  }
  ChooseGrid(options, shape);
  PlaceTable(scan);
}

void Patient::ChooseTissue(Random& random) {
  const auto normal = [&](double mean, double deviation) {
    return static_cast<float>(random.Normal(mean, deviation));
  };
  const auto between = [&](double low, double high) {
    return static_cast<float>(random.Uniform(low, high));
  };
  // From early arterial (0) to a late phase (1): arteries fade while veins fill.
  const float phase = between(0, 1);
  tissue_ = {.fat = normal(-100, 5),
             .muscle = normal(62, 4),
             .skin = normal(25, 12),
             .tongue = normal(66, 6),
             .mucosa = normal(78, 8),
             .gland = normal(88, 9),
             .parotid = normal(18, 18),
             .thyroid = normal(165, 18),
             .disc = normal(88, 8),
             .cord = normal(46, 4),
             .fluid = normal(14, 4),
             .brain = normal(38, 2),
             .artery = 330 - 130 * phase + normal(0, 25),
             .vein = 75 + 105 * phase + normal(0, 14),
             .cartilage = normal(165, 60),
             .cortex = normal(930, 110),
             .marrow = normal(270, 50),
             .enamel = normal(1900, 200),
             .cortex_mm = between(1.1, 1.9),
             .muscle_streaks = between(4, 22),
             .strands = between(15, 45),
             .edge_mm = between(0.75, 1.15),
             .fat_mm = between(1.5, 10),
             .noise = between(7, 14),
             .noise_kernel = between(0.14, 0.27),
             .shoulder_streaks = between(2, 9)};
}

void Patient::ChooseGrid(const PhantomOptions& options, Random& random) {
  const double spacing =
      options.pixel_spacing_mm > 0 ? options.pixel_spacing_mm : 0.4 + 0.0005 * random.Int(0, 200);
  grid_.columns = grid_.rows = options.size;
  grid_.slices = options.slices;
  grid_.column_spacing_mm = grid_.row_spacing_mm = spacing;
  grid_.slice_spacing_mm = options.slice_spacing_mm;
  grid_.first.row_direction = {1, 0, 0};
  grid_.first.column_direction = {0, 1, 0};

  // A scan longer than the neck goes on into the chest first, then into the head, then repeats the
  // lowest slice.
  const double length = (options.slices - 1) * options.slice_spacing_mm / (kSliceMm * scale_z_);
  double low = 0;
  const double spare = (kNeckHigh - kNeckLow) - length;
  if (spare >= 0) {
    low = kNeckLow + spare * random.Uniform(0.25, 1.0);
  } else {
    const double down = std::min(-spare, kNeckLow - kAtlasLow);
    const double up = std::min(-spare - down, kAtlasHigh - kNeckHigh);
    low = kNeckHigh + up - length;
  }
  reference_z_ = low + length / 2;
  const double half = (options.slices - 1) * options.slice_spacing_mm / 2;
  const double field_mm = spacing * (options.size - 1);
  const double centre_x = std::round(random.Normal(0, 3) * 10) / 10,
               centre_y = std::round(random.Uniform(-190, -130) * 10) / 10;
  const double centre_z = std::round(random.Uniform(-1200, 400) * 2) / 2;
  grid_.first.position = {std::round((centre_x - field_mm / 2) * 1000) / 1000,
                          std::round((centre_y - field_mm / 2) * 1000) / 1000,
                          centre_z - half};
  // A neck that is larger than usual is centred a little farther forward, so that the chin stays in
  // the field.
  origin_ = {centre_x + random.Normal(0, 3), centre_y + random.Normal(0, 4), centre_z};
}

Vec3 Patient::ToAnatomy(const Vec3& patient) const {
  double dx = patient.x - origin_.x, dy = patient.y - origin_.y, dz = patient.z - origin_.z;
  const double rolled_x = dx + roll_ * dy, rolled_y = dy - roll_ * dx + pitch_ * dz;
  dx = rolled_x / scale_x_;
  dy = rolled_y / scale_y_;
  dz /= scale_z_;
  const auto bend = bend_.At(dx, dy, dz);
  const auto wobble = wobble_.At(dx, dy, dz);
  dx += bend[0] + wobble[0];
  dy += bend[1] + wobble[1];
  dz += bend[2] + wobble[2];
  // The atlas counts x to the right and y to the front.
  const double x = (mirrored_ ? dx : -dx) / kVoxelMm + kReferenceX;
  const double z = dz / kSliceMm + reference_z_;
  return {x, kReferenceY - dy / kVoxelMm, std::clamp(z, 0.5, kGridZ - 1.5)};
}

Vec3 Patient::ToPatient(const Vec3& anatomy) const {
  Vec3 guess = origin_;
  for (int i = 0; i < 12; ++i) {
    const Vec3 off = anatomy - ToAnatomy(guess);
    guess.x += (mirrored_ ? off.x : -off.x) * kVoxelMm * scale_x_;
    guess.y -= off.y * kVoxelMm * scale_y_;
    guess.z += off.z * kSliceMm * scale_z_;
  }
  return guess;
}

void Patient::PlaceTable(Random& random) {
  table_curve_ = random.Uniform(0.0006, 0.0022);
  const auto& anatomy = Anatomy::Instance();
  double back = -1e6;
  for (int slice = 0; slice < grid_.slices; slice += 8) {
    for (const double aside : {-70.0, -40.0, 0.0, 40.0, 70.0}) {
      Vec3 at = grid_.ToPatient(0, 0, slice);
      at.x = origin_.x + aside;
      for (at.y = origin_.y + 160; at.y > origin_.y; at.y -= 2) {
        const Vec3 q = ToAnatomy(at);
        if (DepthUnderSkin(anatomy.outline().At(
                static_cast<float>(q.x), static_cast<float>(q.y), static_cast<float>(q.z))) > 0) {
          break;
        }
      }
      back = std::max(back, at.y + table_curve_ * aside * aside);
    }
  }
  table_y_ = back + random.Uniform(3, 9);
}

float Patient::TableHu(const Vec3& patient) const {
  const double aside = patient.x - origin_.x;
  const double below = patient.y - (table_y_ - table_curve_ * aside * aside);
  constexpr double kFoamMm = 24, kShellMm = 1.6;
  if (below < -0.5 || below > kFoamMm + kShellMm || std::abs(aside) > 150) {
    return -1000;
  }
  return below < kShellMm || below > kFoamMm ? -250.0F : -955.0F;
}

float Patient::DepthUnderSkin(const BodyOutline::Place& place) const {
  const float shape = place.front > 0 ? 1 - 0.35F * place.front : 1 - 0.2F * place.front;
  return place.depth_mm + 4.5F + tissue_.fat_mm * shape;
}

}  // namespace necknode::phantom
