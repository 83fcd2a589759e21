#include "pipeline/intended_use.h"

#include <functional>

#include <gmock/gmock.h>

#include "tests/pipeline/neck_volume.h"

namespace necknode::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Broken(const std::function<void(dicom_io::CtVolume&)>& change,
                                const models::IntendedUse& use = {},
                                const tests::NeckScene& scene = {}) {
  auto ct = tests::DrawNeck(scene);
  change(ct);
  return BrokenLimits(use, ct, FindBody(ct.volume));
}
std::vector<std::string> BrokenByHeader(const std::function<void(InstanceHeader&)>& change,
                                        const models::IntendedUse& use = {}) {
  return Broken([&](dicom_io::CtVolume& ct) { change(ct.slices.front().header); }, use);
}

TEST(BrokenLimits, AreNoneForANeckWithinThem) {
  EXPECT_THAT(Broken([](auto&) {}), IsEmpty());
}

TEST(BrokenLimits, NameSliceThickness) {
  EXPECT_THAT(BrokenByHeader([](auto& h) { h.slice_thickness = 6; }),
              ElementsAre("slice thickness 6.00 mm is outside 0.00 to 5.00 mm"));
  EXPECT_THAT(BrokenByHeader([](auto& h) { h.slice_thickness = 5.001; }), IsEmpty());
  EXPECT_THAT(BrokenByHeader([](auto& h) { h.slice_thickness.reset(); }),
              ElementsAre("Slice Thickness is absent"));
}

TEST(BrokenLimits, NamePixelSpacing) {
  models::IntendedUse use;
  use.max_pixel_spacing_mm = 0.6;
  EXPECT_THAT(Broken([](auto&) {}, use),
              ElementsAre("pixel spacing 1.000 mm is outside 0.30 to 0.60 mm"));
}

TEST(BrokenLimits, NameAnAbsentContrastAgent) {
  const std::string message = "Contrast/Bolus Agent does not name a contrast agent";
  for (const char* agent : {"", " ", "None", "NO CONTRAST", "without"}) {
    EXPECT_THAT(BrokenByHeader([&](auto& h) { h.contrast_bolus_agent = agent; }),
                ElementsAre(message))
        << agent;
  }
  models::IntendedUse use;
  use.needs_contrast = false;
  EXPECT_THAT(BrokenByHeader([](auto& h) { h.contrast_bolus_agent = ""; }, use), IsEmpty());
}

TEST(BrokenLimits, NameLossyCompression) {
  EXPECT_THAT(BrokenByHeader([](auto& h) { h.lossy = true; }),
              ElementsAre("the images were compressed with loss"));
  models::IntendedUse use;
  use.allows_lossy = true;
  EXPECT_THAT(BrokenByHeader([](auto& h) { h.lossy = true; }, use), IsEmpty());
}

TEST(BrokenLimits, NameAgeWithoutTellingIt) {
  EXPECT_THAT(BrokenByHeader([](auto& h) { h.patient_age = "017Y"; }),
              ElementsAre("the patient is younger than 18 years"));
  EXPECT_THAT(BrokenByHeader([](auto& h) { h.patient_age = ""; }),
              ElementsAre(HasSubstr("age is not stated")));
}

TEST(BrokenLimits, NameImagesWithoutANeck) {
  tests::NeckScene scene;
  scene.airway = false;
  EXPECT_THAT(Broken([](auto&) {}, {}, scene), ElementsAre(HasSubstr("no neck was found")));
  scene.airway = true;
  scene.slices = 20;  // 40 mm
  EXPECT_THAT(Broken([](auto&) {}, {}, scene), ElementsAre(HasSubstr("no neck was found")));
}

TEST(BrokenLimits, AreAllNamedAtOnce) {
  const auto broken = BrokenByHeader([](auto& h) {
    h.slice_thickness.reset();
    h.contrast_bolus_agent = "";
    h.lossy = true;
    h.patient_age = "";
  });
  EXPECT_EQ(broken.size(), 4u);
}

TEST(AgeInYears, ReadsAgeElseDates) {
  InstanceHeader header;
  EXPECT_EQ(AgeInYears(header), -1);
  header.patient_birth_date = PatientText("20000616");
  header.study_date = "20260615";
  EXPECT_EQ(AgeInYears(header), 25);
  header.study_date = "20260616";
  EXPECT_EQ(AgeInYears(header), 26);
  header.patient_age = "030M";
  EXPECT_EQ(AgeInYears(header), 2);
  header.patient_age = "x47Y";
  EXPECT_EQ(AgeInYears(header), 26);
}

}  // namespace
}  // namespace necknode::pipeline
