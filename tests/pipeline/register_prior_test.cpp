#include "pipeline/register_prior.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "phantom/phantom.h"
#include "tests/pipeline/moved_volume.h"
#include "tests/pipeline/neck_volume.h"

namespace necknode::pipeline {
namespace {

using testing::HasSubstr;

// A longer phantom than any study of it, at 0.9 mm pixels.
Volume MakePatient(std::uint64_t seed) {
  phantom::PhantomOptions options;
  options.seed = seed;
  options.slices = 80;
  options.size = 256;
  options.pixel_spacing_mm = 0.9;
  return phantom::MakePhantom(options).volume;
}
const Volume& Patient() {
  static const Volume volume = MakePatient(1);
  return volume;
}

struct Misalignment {
  double rms_mm = 0, worst_mm = 0;
};

// Over a grid of places in the neck.
Misalignment MisalignmentOf(const Registration& registration,
                            const VolumeGrid& later,
                            const VolumeGrid& earlier,
                            const tests::Motion& motion) {
  Misalignment errors;
  int count = 0;
  for (int z = 5; z < 40; z += 5) {
    for (int y = 70; y <= 190; y += 20) {
      for (int x = 60; x <= 200; x += 20) {
        const Vec3 place = later.ToPatient(x, y, z);
        const double off = Norm(registration.current_to_prior.Apply(place) -
                                tests::ToEarlier(place, motion, earlier));
        errors.worst_mm = std::max(errors.worst_mm, off);
        errors.rms_mm += off * off;
        ++count;
      }
    }
  }
  errors.rms_mm = std::sqrt(errors.rms_mm / count);
  return errors;
}

Misalignment Align(const tests::Motion& motion, const char* name) {
  const Volume prior = tests::Cropped(Patient(), 0, 59);
  const Volume current = tests::Moved(Patient(), motion, 15, 74);
  const Registration registration = RegisterPrior(current, prior);
  EXPECT_EQ(registration.doubt, "") << name;
  const Misalignment errors =
      MisalignmentOf(registration, current.grid(), Patient().grid(), motion);
  std::printf("%s: rms %.2f mm, worst %.2f mm, quality %.3f\n",
              name,
              errors.rms_mm,
              errors.worst_mm,
              registration.quality);
  return errors;
}

TEST(RegisterPrior, FindsShiftsAndTurns) {
  EXPECT_LT(Align({{}, {7, -12, 250}}, "shift").worst_mm, 0.3);
  EXPECT_LT(Align({{5, 0, 0}, {3, 4, -60}}, "nod of 5 degrees").worst_mm, 0.3);
  EXPECT_LT(Align({{0, 0, 10}, {3, 4, -60}}, "turn of 10 degrees").worst_mm, 0.3);
  EXPECT_LT(Align({{8, -6, 8}, {20, -25, -400}}, "all three").worst_mm, 0.3);
}

TEST(RegisterPrior, IsNearWhereTheNeckBends) {
  const Misalignment errors = Align({{3, 2, 4}, {5, 5, 5}, 10}, "bend of 10 degrees");
  EXPECT_LT(errors.rms_mm, 2);
  EXPECT_LT(errors.worst_mm, 4);
}

TEST(RegisterPrior, GivesTheSameTwice) {
  const Volume prior = tests::Cropped(Patient(), 0, 59);
  const Volume current = tests::Moved(Patient(), {{2, 3, 4}, {5, 6, 7}}, 15, 74);
  const Registration one = RegisterPrior(current, prior), two = RegisterPrior(current, prior);
  EXPECT_EQ(one.quality, two.quality);
  EXPECT_EQ(one.current_to_prior.shift, two.current_to_prior.shift);
  EXPECT_EQ(one.current_to_prior.rotation, two.current_to_prior.rotation);
}

TEST(RegisterPrior, DoubtsAnotherPatient) {
  const Registration registration =
      RegisterPrior(tests::Cropped(Patient(), 15, 74), tests::Cropped(MakePatient(2), 0, 59));
  EXPECT_THAT(registration.doubt, HasSubstr("could not be aligned reliably (alignment 0."));
}

TEST(RegisterPrior, DoubtsWhatHasLittleInCommon) {
  const Registration registration =
      RegisterPrior(tests::Cropped(Patient(), 40, 79), tests::Cropped(Patient(), 0, 59));
  EXPECT_THAT(registration.doubt, HasSubstr("only 40 mm in common, limit 50 mm"));
}

TEST(RegisterPrior, DoubtsVolumesWithoutBone) {
  const Volume neck = tests::DrawNeck({.table = false}).volume;
  EXPECT_EQ(RegisterPrior(neck, neck).doubt, "the two studies could not be aligned");
  VolumeGrid tiny = neck.grid();
  tiny.columns = tiny.rows = tiny.slices = 1;
  EXPECT_EQ(RegisterPrior(Volume(tiny), neck).doubt, "the two studies could not be aligned");
  EXPECT_EQ(RegisterPrior(neck, Volume(tiny)).doubt, "the two studies could not be aligned");
}

}  // namespace
}  // namespace necknode::pipeline
