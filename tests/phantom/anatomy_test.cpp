#include "phantom/anatomy.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "phantom/patient.h"
#include "phantom/shapes.h"

namespace necknode::phantom {
namespace {

/// Diameter (mm) of the circle with the area of the vessel's cut through (x, y) at height z.
double CutDiameter(Channel channel, float x, float y, float z) {
  constexpr float kStep = 0.5F, kReach = 14;
  int inside = 0;
  for (float dy = -kReach; dy <= kReach; dy += kStep) {
    for (float dx = -kReach; dx <= kReach; dx += kStep) {
      inside += Anatomy::Instance().field().DistanceTo(channel, x + dx, y + dy, z) > 0 ? 1 : 0;
    }
  }
  const double step_mm = static_cast<double>(kStep) * kVoxelMm;
  const double area = inside * step_mm * step_mm;
  return 2 * std::sqrt(area / 3.14159265);
}

TEST(Anatomy, HasEachStructureWhereItBelongs) {
  const auto& field = Anatomy::Instance().field();
  EXPECT_GT(field.DistanceTo(Channel::kBone, 126, 141, 87), 0) << "hyoid";
  EXPECT_GT(field.DistanceTo(Channel::kAirway, 122, 116, 64), 3) << "airway inside the cricoid";
  EXPECT_GT(field.DistanceTo(Channel::kCartilage, 122, 127.5F, 64), 0) << "cricoid's arch";
  EXPECT_GT(field.DistanceTo(Channel::kVein, 155, 108, 64), 3) << "right internal jugular";
  EXPECT_GT(field.DistanceTo(Channel::kArtery, 141, 101, 64), 1) << "right common carotid";
  EXPECT_GT(field.DistanceTo(Channel::kCanal, 120, 80, 80), 2) << "spinal canal";
  EXPECT_GT(field.DistanceTo(Channel::kMuscleA, 157, 117, 72), 1) << "sternocleidomastoid";
  EXPECT_GT(field.DistanceTo(Channel::kThyroid, 107, 108, 45), 1) << "left thyroid lobe";
  EXPECT_GT(field.DistanceTo(Channel::kTongue, 127, 146, 104), 3);
  EXPECT_GT(field.DistanceTo(Channel::kSubmandibular, 153, 133, 92), 2);
}

TEST(Anatomy, OutlineHoldsTheBonesAndEndsBeyondThem) {
  const auto& anatomy = Anatomy::Instance();
  for (const float z : {40.0F, 64.0F, 92.0F, 110.0F}) {
    EXPECT_GT(anatomy.outline().At(MidlineX(z), 95, z).depth_mm, 25) << "z " << z;
    EXPECT_LT(anatomy.outline().At(MidlineX(z), 215, z).depth_mm, 0) << "z " << z;
    EXPECT_LT(anatomy.outline().At(MidlineX(z), -30, z).depth_mm, 0) << "z " << z;
  }
}

TEST(Anatomy, FitsInModestMemory) { EXPECT_LT(Anatomy::Instance().field().bytes(), 64U << 20U); }

// Vessels in cross-section are what a detector takes for nodes: of their size, and often of their
// HU.
TEST(Vessels, HaveTheSizeOfNodesInCrossSection) {
  int like = 0, cuts = 0;
  for (const float z : {50.0F, 58.0F, 66.0F, 74.0F, 82.0F, 90.0F, 98.0F, 106.0F}) {
    for (const bool right : {false, true}) {
      const auto vein = Anatomy::Instance().Jugular(static_cast<double>(z), right);
      for (const Channel channel : {Channel::kVein, Channel::kArtery}) {
        const double diameter = CutDiameter(channel, vein[0], vein[1], z);
        like += diameter > 4 && diameter < 16 ? 1 : 0;
        ++cuts;
      }
    }
  }
  EXPECT_GE(like * 10, cuts * 9) << like << " of " << cuts;
}

TEST(Vessels, HaveTheNodesHuInManyPatients) {
  int veins_like = 0;
  constexpr int kPatients = 60;
  for (int seed = 1; seed <= kPatients; ++seed) {
    PhantomOptions options;
    options.seed = static_cast<std::uint64_t>(seed);
    options.slices = 40;
    const Patient patient(options);
    const Tissue& tissue = patient.tissue();
    veins_like += tissue.vein > 65 && tissue.vein < 125 ? 1 : 0;
    EXPECT_GT(tissue.artery, 110);
    EXPECT_LT(tissue.fat, -80);
  }
  EXPECT_GT(veins_like, kPatients / 3);
  EXPECT_LT(veins_like, kPatients);
}

TEST(Patient, MapsToTheAnatomyAndBack) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    PhantomOptions options;
    options.seed = seed;
    const Patient patient(options);
    for (const Vec3 place : {Vec3{150, 110, 60}, Vec3{95, 120, 90}, Vec3{124, 60, 110}}) {
      const Vec3 back = patient.ToAnatomy(patient.ToPatient(place));
      EXPECT_NEAR(back.x, place.x, 0.05);
      EXPECT_NEAR(back.y, place.y, 0.05);
      EXPECT_NEAR(back.z, place.z, 0.05);
    }
  }
}

TEST(Patient, KeepsTheHeadUpAndTheFaceForward) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    PhantomOptions options;
    options.seed = seed;
    const Patient patient(options);
    const Vec3 hyoid = patient.ToPatient(kHyoid), cricoid = patient.ToPatient(kCricoid);
    const Vec3 spine = patient.ToPatient({120, 80, 84});
    const Vec3 right = patient.ToPatient({160, 110, 84}), left = patient.ToPatient({90, 110, 84});
    EXPECT_GT(hyoid.z, cricoid.z + 20);
    EXPECT_GT(spine.y, hyoid.y + 30) << "LPS: y grows to the back";
    EXPECT_EQ(patient.mirrored(), right.x > left.x) << "LPS: x grows to the left";
  }
}

}  // namespace
}  // namespace necknode::phantom
