#include "sr_writer/place_text.h"

#include <gtest/gtest.h>

#include "tests/sr_writer/report_case.h"

namespace necknode::sr_writer::tests {
namespace {

LymphNode Suspicious(int number, const std::string& level, Side side, double short_mm) {
  LymphNode node;
  node.number = number;
  node.malignancy = Malignancy::kMalignant;
  node.level = level;
  node.side = side;
  if (short_mm > 0)
    node.short_axis = Diameter{short_mm, {}};
  return node;
}

TEST(SuspiciousPlaces, CountsByLevelAndSideAndNamesTheLargest) {
  Assessment assessment;
  assessment.nodes = {Suspicious(1, "III", Side::kLeft, 9.2),
                      Suspicious(2, "VI", Side::kMidline, 0),
                      Suspicious(3, "III", Side::kLeft, 11.2),
                      Suspicious(4, "", Side::kRight, 4)};
  EXPECT_EQ(SuspiciousPlaces(assessment),
            "Suspicious: 2 level III left, 1 level VI midline, 1 right, no level; largest short "
            "axis 11.2 mm (LN-3), not measured: LN-2; central and lateral compartment; compartment "
            "not determined for "
            "1");
}

TEST(SuspiciousPlaces, SaysWhatIsNotKnown) {
  Assessment assessment;
  assessment.nodes = {Suspicious(1, "", Side::kNotDetermined, 0)};
  EXPECT_EQ(SuspiciousPlaces(assessment),
            "Suspicious: 1 place not determined; no short axis measured; compartment not "
            "determined for 1");
  assessment.nodes[0].level = "VII or mediastinal";
  EXPECT_EQ(SuspiciousPlaces(assessment),
            "Suspicious: 1 level VII or mediastinal; no short axis measured; compartment not "
            "determined for 1");
  assessment.nodes[0].malignancy = Malignancy::kBenign;
  EXPECT_EQ(SuspiciousPlaces(assessment), "");
}

TEST(LandmarkText, NamesSlicesAsTheyAreCounted) {
  Assessment assessment;
  EXPECT_EQ(LandmarkText(assessment), "");
  assessment.landmarks = {{"hyoid", 42}, {"cricoid", 60}, {"manubrium", std::nullopt}};
  EXPECT_EQ(LandmarkText(assessment),
            "Levels (experimental) from hyoid (slice 43), cricoid (slice 61); manubrium not found");
  assessment.landmarks = {{"hyoid", std::nullopt}};
  EXPECT_EQ(LandmarkText(assessment), "No levels: hyoid not found");
}

TEST(TextureText, SaysOnlyWhatWasSeen) {
  LymphNode node;
  EXPECT_EQ(TextureText(node), "");
  node.cystic_fraction = 0.19;
  node.calcification_mm3 = 0;
  EXPECT_EQ(TextureText(node), "");
  node.cystic_fraction = 0.32;
  node.calcification_mm3 = 4;
  node.fatty_hilum = true;
  EXPECT_EQ(TextureText(node), ", about 30% cystic, suspected calcification, fatty hilum seen");
}

}  // namespace
}  // namespace necknode::sr_writer::tests
