#include "dicom_io/slice_stack.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace necknode::tests {
namespace {

using dicom_io::SlicePlacement;
using dicom_io::StackSlices;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kDegrees = std::numbers::pi / 180;

SlicePlacement Slice(Vec3 position, Vec3 row = {1, 0, 0}, Vec3 column = {0, 1, 0}) {
  SlicePlacement slice;
  slice.name = "source";
  slice.plane = {position, row, column};
  slice.rows = slice.columns = 512;
  slice.row_spacing_mm = 0.5;
  slice.column_spacing_mm = 0.4;
  slice.frame_of_reference_uid = Uid("1.2.9");
  return slice;
}

std::vector<SlicePlacement> Axial(const std::vector<double>& z) {
  std::vector<SlicePlacement> slices;
  for (const double value : z) {
    slices.push_back(Slice({-100, -100, value}));
  }
  return slices;
}

std::vector<double> Regular(int count, double spacing, double start = 0) {
  std::vector<double> z;
  for (int i = 0; i < count; ++i) {
    z.push_back(start + spacing * i);
  }
  return z;
}

std::string StackRefusal(const std::vector<SlicePlacement>& slices) {
  try {
    (void)StackSlices(slices);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kGeometry);
    return error.what();
  }
  return {};
}

TEST(StackSlices, OrdersAReversedStackAlongItsNormal) {
  auto z = Regular(5, 2, -50);
  std::reverse(z.begin(), z.end());
  const auto stack = StackSlices(Axial(z));
  EXPECT_THAT(stack.order, ElementsAre(4, 3, 2, 1, 0));
  EXPECT_EQ(stack.grid.slices, 5);
  EXPECT_EQ(stack.grid.first.position.z, -50);
  EXPECT_DOUBLE_EQ(stack.grid.slice_spacing_mm, 2);
  EXPECT_EQ(stack.grid.row_spacing_mm, 0.5);
  EXPECT_EQ(stack.grid.column_spacing_mm, 0.4);
  EXPECT_THAT(stack.notes, IsEmpty());
}

TEST(StackSlices, OrdersAgainstZWhereTheNormalPointsToTheFeet) {
  std::vector<SlicePlacement> slices;
  for (const double z : {0.0, 2.0, 4.0}) {
    slices.push_back(Slice({0, 0, z}, {-1, 0, 0}, {0, 1, 0}));
  }
  EXPECT_THAT(StackSlices(slices).order, ElementsAre(2, 1, 0));
}

TEST(StackSlices, RefusesAMissingSliceWithPositionAndValue) {
  auto z = Regular(10, 4, 21.3);
  z.erase(z.begin() + 6);
  EXPECT_EQ(
      StackRefusal(Axial(z)),
      "slice spacing is 8.00 mm after position z = 41.3 mm, expected 4.00 mm (slices missing: 1)");
  z.erase(z.begin() + 6);
  EXPECT_THAT(StackRefusal(Axial(z)), HasSubstr("(slices missing: 2)"));
}

TEST(StackSlices, AcceptsJitterOfATwentiethAndRefusesThatOfHalfAMillimetre) {
  std::mt19937 random(7);
  auto z = Regular(40, 2);
  for (double& value : z) {
    value += std::uniform_real_distribution(-0.05, 0.05)(random);
  }
  EXPECT_NEAR(StackSlices(Axial(z)).grid.slice_spacing_mm, 2, 0.01);
  for (std::size_t i = 0; i < z.size(); ++i) {
    z[i] = 2.0 * static_cast<double>(i) + (i % 2 == 0 ? 0.05 : -0.05);
  }
  EXPECT_EQ(StackRefusal(Axial(z)), "");
  z = Regular(40, 2);
  z[20] += 0.5;
  EXPECT_THAT(StackRefusal(Axial(z)),
              HasSubstr("slice spacing is 2.50 mm after position z = 38.0 mm, expected 2.00 mm"));
}

TEST(StackSlices, NamesTheMeanAsTheExpectedSpacingOfAJitteringStack) {
  auto z = Regular(40, 2);
  for (std::size_t i = 0; i < z.size(); ++i) {
    z[i] += i % 2 == 0 ? 0.25 : -0.25;
  }
  EXPECT_THAT(StackRefusal(Axial(z)),
              HasSubstr("slice spacing is 1.50 mm after position z = 0.2 mm"));
  EXPECT_THAT(StackRefusal(Axial(z)), HasSubstr("expected 1.99 mm"));
}

TEST(StackSlices, RefusesASpacingThatDriftsOffTheGrid) {
  std::vector<double> z = {0};
  for (int i = 1; i < 60; ++i) {
    z.push_back(z.back() + (i < 30 ? 2.0 : 2.1));
  }
  EXPECT_THAT(StackRefusal(Axial(z)), HasSubstr("off the regular grid"));
}

TEST(StackSlices, ReadsAnObliqueStackAlongItsNormal) {
  const double angle = 20 * kDegrees;
  const Vec3 row{1, 0, 0}, column{0, std::cos(angle), std::sin(angle)}, normal = Cross(row, column);
  std::vector<SlicePlacement> slices;
  for (const int i : {3, 0, 2, 1}) {
    slices.push_back(Slice(Vec3{10, 20, 30} + normal * (2.5 * i), row, column));
  }
  const auto stack = StackSlices(slices);
  EXPECT_THAT(stack.order, ElementsAre(1, 3, 2, 0));
  EXPECT_NEAR(stack.grid.slice_spacing_mm, 2.5, 1e-9);
  const Vec3 last = stack.grid.ToPatient(0, 0, 3);
  EXPECT_NEAR(Norm(last - (Vec3{10, 20, 30} + normal * 7.5)), 0, 1e-9);
}

TEST(StackSlices, RefusesGantryTiltWithItsAngle) {
  const double angle = 18.5 * kDegrees;
  std::vector<SlicePlacement> slices;
  for (int i = 0; i < 10; ++i) {
    slices.push_back(Slice({0, 0, 4.22 * i}, {1, 0, 0}, {0, std::cos(angle), -std::sin(angle)}));
  }
  EXPECT_THAT(StackRefusal(slices), AllOf(HasSubstr("gantry tilt"), HasSubstr("18.5 degrees")));
}

TEST(StackSlices, RefusesASliceThatIsShiftedSideways) {
  auto slices = Axial(Regular(8, 2));
  slices[5].plane.position.x += 3;
  EXPECT_THAT(StackRefusal(slices),
              AllOf(HasSubstr("z = 10.0 mm"), HasSubstr("sideways by 3.00 mm")));
}

TEST(StackSlices, RefusesSlicesThatDiffer) {
  const auto with = [](const std::function<void(SlicePlacement&)>& change) {
    auto slices = Axial(Regular(4, 2));
    change(slices[2]);
    return StackRefusal(slices);
  };
  EXPECT_THAT(with([](auto& s) { s.rows = 256; }),
              AllOf(HasSubstr("256 x 512"), HasSubstr("z = 4.0 mm")));
  EXPECT_THAT(with([](auto& s) { s.column_spacing_mm = 0.41; }),
              HasSubstr("0.5000 x 0.4100 mm, expected 0.5000 x 0.4"));
  EXPECT_THAT(with([](auto& s) { s.frame_of_reference_uid = Uid("1.2.8"); }),
              HasSubstr("frame of reference"));
  EXPECT_THAT(with([](auto& s) {
                s.plane.column_direction = {0, std::cos(5 * kDegrees), std::sin(5 * kDegrees)};
              }),
              AllOf(HasSubstr("orientation differs"), HasSubstr("5.0 degrees")));
  EXPECT_THAT(with([](auto& s) { s.plane.row_direction = {1, 1, 0}; }), HasSubstr("right angles"));
  EXPECT_THAT(with([](auto& s) { s.plane.position.z = 1e300; }), HasSubstr("beyond"));
  EXPECT_THAT(with([](auto& s) { s.row_spacing_mm = 0; }), HasSubstr("not positive"));
  EXPECT_THAT(StackRefusal({}), HasSubstr("no image"));
}

TEST(StackSlices, TakesTheNewestOfDuplicatesAndSaysSo) {
  auto slices = Axial({0, 2, 4, 2, 4});
  for (std::size_t i = 0; i < slices.size(); ++i) {
    slices[i].acquired = i < 3 ? "20260101120000" : "20260101120500";
  }
  const auto stack = StackSlices(slices);
  EXPECT_THAT(stack.order, ElementsAre(0, 3, 4));
  EXPECT_THAT(stack.notes, ElementsAre("2 duplicate positions: newest acquisition taken"));
  slices[1].acquired = "20260101130000";
  EXPECT_THAT(StackSlices(slices).order, ElementsAre(0, 1, 4));
  slices[1].acquired = slices[3].acquired;
  EXPECT_THAT(StackSlices(slices).notes,
              ElementsAre(HasSubstr("(of 1 equally new ones the first one given)")));
}

TEST(StackSlices, TakesASingleSlicesThicknessOrRefusesIt) {
  auto slices = Axial({5});
  EXPECT_THAT(StackRefusal(slices), HasSubstr("Slice Thickness"));
  slices[0].slice_thickness_mm = 3;
  EXPECT_EQ(StackSlices(slices).grid.slice_spacing_mm, 3);
}

}  // namespace
}  // namespace necknode::tests
