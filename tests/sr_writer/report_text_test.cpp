#include "sr_writer/report_text.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sr_writer/dicom_bytes.h"
#include "tests/sr_writer/report_case.h"

namespace necknode::sr_writer::tests {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Summarise, SaysTheCaseAndALineForEachNode) {
  ReportCase report_case(3);
  report_case.assessment.broken_limits = {"no contrast agent"};
  EXPECT_EQ(
      Summarise(report_case.assessment),
      "PHANTOM MODEL, NOT FOR CLINICAL USE\n"
      "complete: 3 lymph nodes: 1 suspicious for metastasis, 1 indeterminate for metastasis, "
      "1 not suspicious for metastasis; 24 slices analysed (slices 1 to 24); model phantom 1.0.0\n"
      "Outside the intended use: no contrast agent\n"
      "Suspicious: 1 level III right; largest short axis 4.5 mm (LN-1); lateral compartment\n"
      "LN-1   suspicious for metastasis     P 0.91  level III right        5.5 x 4.5 mm axial "
      " slices 5 to 7, key slice 6\n"
      "LN-2   indeterminate for metastasis  P 0.50  level II/III left      axes not measured  "
      " slices 8 to 10, key slice 9 (no edge)\n"
      "LN-3   not suspicious for metastasis P 0.08  level VI midline       5.5 x 4.5 mm axial "
      " slices 11 to 13, key slice 12\n");
}

TEST(Summarise, NamesImagesAsTheViewerDoes) {
  ReportCase report_case(1);
  for (int number = 24; number > 0; --number)
    report_case.assessment.image_numbers.push_back(number);
  EXPECT_THAT(Summarise(report_case.assessment),
              ::testing::AllOf(HasSubstr("24 slices analysed (images 24 to 1)"),
                               HasSubstr("images 20 to 18, key image 19")));
  EXPECT_THAT(NodeComment(report_case.assessment, report_case.assessment.nodes[0], false),
              HasSubstr("axial, image 19"));
}

TEST(Summarise, NeverSaysThatNodesAreAbsent) {
  const std::string text = Summarise(ReportCase(0).assessment);
  EXPECT_THAT(text, HasSubstr("this does not exclude disease"));
}

TEST(Summarise, GivesTheReasonOfAFailedRun) {
  ReportCase report_case(0);
  report_case.assessment.status = AssessmentStatus::kFailed;
  report_case.assessment.reason = "out of memory";
  report_case.assessment.last_slice = -1;
  EXPECT_EQ(Summarise(report_case.assessment),
            "PHANTOM MODEL, NOT FOR CLINICAL USE\n"
            "failed: The analysis failed: no result; no slice analysed; model phantom 1.0.0\n"
            "reason: out of memory\n");
}

TEST(ShortText, IsCutAfterAWordAndSaysSo) {
  EXPECT_EQ(ShortText("short"), "short");
  EXPECT_EQ(ShortText(std::string(64, 'x')), std::string(64, 'x'));
  const std::string text = "a reason that is longer than the sixty four characters of an attribute";
  EXPECT_EQ(ShortText(text), "a reason that is longer than the sixty four characters of an ...");
  EXPECT_LE(ShortText(std::string(200, 'x')).size(), 64U);
}

TEST(CaseSummary, NamesWhatTheReaderHandled) {
  ReportCase report_case(1);
  report_case.assessment.notes = {"2 duplicate positions: newest acquisition taken"};
  const std::string note = "Of the images: 2 duplicate positions: newest acquisition taken";
  EXPECT_THAT(CaseSummary(report_case.assessment, "3", false), HasSubstr(note + "."));
  EXPECT_THAT(Summarise(report_case.assessment), HasSubstr(note));
}

TEST(NodeComment, SaysWhatTheEarlierStudyShowed) {
  LymphNode node = MakeNode(1, 96, 64, 24);
  EXPECT_THAT(NodeComment({}, node, false), EndsWith("5.5 x 4.5 mm axial, slice 6"));
  node.earlier = EarlierFinding{EarlierState::kMatched, "20240503", "LN-2", 3.1, ""};
  EXPECT_THAT(NodeComment({}, node, false),
              EndsWith("axial, slice 6, earlier 2024-05-03: LN-2, short axis 3.1 mm, +1.4 mm"));
  node.earlier->short_axis_mm = 4.52;
  EXPECT_THAT(NodeComment({}, node, false), EndsWith("short axis 4.5 mm, +0.0 mm"));
  node.earlier->short_axis_mm = 5;
  node.earlier->identifier.clear();
  EXPECT_THAT(NodeComment({}, node, false),
              EndsWith("earlier 2024-05-03: short axis 5.0 mm, -0.5 mm"));
  node.short_axis.reset();
  EXPECT_THAT(NodeComment({}, node, false), EndsWith("earlier 2024-05-03: short axis 5.0 mm"));
  node.earlier->short_axis_mm.reset();
  EXPECT_THAT(NodeComment({}, node, false),
              EndsWith("earlier 2024-05-03: short axis not measured"));
  node.earlier = EarlierFinding{EarlierState::kUnsure, "20240503", "", {}, "two are near"};
  EXPECT_THAT(NodeComment({}, node, false), EndsWith(", earlier size not compared: two are near"));
  node.earlier = EarlierFinding{EarlierState::kNotSeen, "", "", {}, ""};
  EXPECT_THAT(NodeComment({}, node, false), EndsWith(", not seen in the earlier study"));
}

TEST(CaseSummary, SaysWithWhatTheStudyWasComparedOrWhyNot) {
  ReportCase report_case(3);
  Assessment& assessment = report_case.assessment;
  EXPECT_THAT(CaseSummary(assessment, "3", false), Not(HasSubstr("ompared")));
  assessment.comparison = Comparison{Uid("1.2.3"), "20240503", 0.934, 2, ""};
  assessment.nodes[0].earlier = EarlierFinding{EarlierState::kMatched, "20240503", "", 7.0, ""};
  assessment.nodes[1].earlier = EarlierFinding{EarlierState::kUnsure, "20240503", "", {}, "x"};
  assessment.nodes[2].earlier = EarlierFinding{EarlierState::kNotSeen, "20240503", "", {}, ""};
  const std::string compared =
      "Compared with the study of 2024-05-03, where 2 lymph nodes were found (alignment 0.93): "
      "1 matched, 1 unsure, 1 not seen there";
  EXPECT_THAT(CaseSummary(assessment, "3", false), HasSubstr(" " + compared + ". Series 3"));
  EXPECT_THAT(Summarise(assessment), HasSubstr("\n" + compared + "\n"));
  EXPECT_THAT(Summarise(assessment), HasSubstr("; not seen in the earlier study of 2024-05-03\n"));
  assessment.comparison->reason = "its images are no longer stored";
  EXPECT_THAT(
      CaseSummary(assessment, "3", false),
      HasSubstr(" Not compared with the study of 2024-05-03: its images are no longer stored."));
}

TEST(Printable, LeavesOnlyAsciiOfTheComparison) {
  ReportCase report_case(1);
  report_case.assessment.comparison =
      Comparison{Uid("1.2.3"), "20240503\\", {}, {}, "M\xC3\xBCller"};
  report_case.assessment.nodes[0].earlier =
      EarlierFinding{EarlierState::kUnsure, "2024\n", "LN\\1", {}, "\xC3\xA9t\xC3\xA9"};
  const Assessment printable = Printable(report_case.assessment);
  EXPECT_EQ(printable.comparison->reason, "M?ller");
  EXPECT_EQ(printable.comparison->study_date, "20240503 ");
  EXPECT_EQ(printable.nodes[0].earlier->reason, "?t?");
  EXPECT_EQ(printable.nodes[0].earlier->identifier, "LN 1");
}

TEST(WarningOf, IsNeverEmptyWhereTheModelIsNotClinical) {
  ModelIdentity model;
  EXPECT_EQ(WarningOf(model), "NOT FOR CLINICAL USE");
  model.warning = "PHANTOM";
  EXPECT_EQ(WarningOf(model), "PHANTOM");
  model.clinical = true;
  EXPECT_EQ(WarningOf(model), "");
  EXPECT_EQ(WithWarning(model, "text"), "text");
}

TEST(Place, NamesLevelAndSideAsFarAsTheyAreKnown) {
  LymphNode node;
  EXPECT_EQ(Place(node, true), "");
  node.side = Side::kLeft;
  EXPECT_EQ(Place(node, true), "left side");
  node.level = "IV";
  EXPECT_EQ(Place(node, false), "level IV left");
  EXPECT_EQ(Place(node, true), "level IV left (level experimental)");
  node.level.clear();
  node.side = Side::kMidline;
  EXPECT_EQ(Place(node, true), "midline");
}

TEST(SiteOf, CodesSingleLevelsAndNothingElse) {
  EXPECT_EQ(codes::SiteOf("II").value, "245321008");
  EXPECT_EQ(codes::SiteOf("IB").value, "59503006");
  EXPECT_EQ(codes::SiteOf("VII").value, "127925003");
  for (const char* level : {"", "II/III", "I", "VII or mediastinal", "2"})
    EXPECT_TRUE(codes::SiteOf(level).SameConcept(codes::kCervicalLymphNode)) << level;
}

TEST(DecimalString, FitsSixteenCharactersOrIsEmpty) {
  EXPECT_EQ(DecimalString(14.200000000000001, 1), "14.2");
  EXPECT_EQ(DecimalString(30.0, 1), "30");
  EXPECT_EQ(DecimalString(-0.04, 1), "0");
  EXPECT_EQ(DecimalString(-1024, 9), "-1024");
  EXPECT_EQ(DecimalString(0.48828125, 9), "0.48828125");
  EXPECT_EQ(DecimalString(100, 0), "100");
  EXPECT_EQ(DecimalString(1e20, 0), "");
  EXPECT_EQ(DecimalString(std::numeric_limits<double>::quiet_NaN(), 1), "");
  EXPECT_EQ(DecimalString(-std::numeric_limits<double>::infinity(), 1), "");
}

}  // namespace
}  // namespace necknode::sr_writer::tests
