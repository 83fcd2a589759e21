#include "sr_writer/render_report.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "sr_writer/html_style.h"
#include "sr_writer/html_text.h"
#include "tests/sr_writer/report_case.h"
#include "tests/support/temp_folder.h"

namespace necknode::sr_writer::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

RenderedReport Render(ReportCase& report_case) {
  std::vector<Document> documents = {report_case.Report()};
  if (!report_case.assessment.nodes.empty()) {
    for (Document& picture : report_case.Captures())
      documents.push_back(std::move(picture));
  }
  return RenderReport(documents);
}

std::size_t Count(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

/// What an XML reader objects to: the page is well-formed, and so without a stray tag.
std::string Malformed(const std::string& html) {
  const necknode::tests::TempFolder folder;
  const auto path = folder.path() / "page.html";
  std::ofstream(path, std::ios::binary) << html;
  return RunProgram("xmllint --noout --nonet " + path.string());
}

/// The same report with an attribute changed, as another program's.
std::vector<std::byte> Changed(const Document& document,
                               const std::function<void(DcmDataset&)>& change) {
  const auto file = Parse(document);
  change(*file->getDataset());
  return EncodePart10(*file->getDataset());
}

TEST(RenderText, SaysWhatARadiologistWantsInThatOrder) {
  ReportCase report_case(3);
  const std::string text = Render(report_case).text;
  EXPECT_THAT(text,
              StartsWith("*** PHANTOM MODEL, NOT FOR CLINICAL USE ***\n"
                         "AI result, not verified\n"));
  std::size_t last = 0;
  for (const char* what : {"Müller, Jörg",
                           "P-4711 (HOSPITAL)",
                           "1956-02-03",
                           "70 years",
                           "CT Hals mit KM",
                           "CONCLUSION",
                           "3 lymph nodes: 1 suspicious",
                           "LN-1  suspicious for metastasis",
                           "P 0.91",
                           "level III right",
                           "5.5 x 4.5 mm",
                           "74 HU",
                           "key image 6 of 24",
                           "1.2.826.0.1.3680043.10.1.3.6\n",
                           "level II/III left",
                           "COMPLETENESS AND LIMITS",
                           "Suspicious from P",
                           "0123456789abcdef",
                           "1.2.826.0.1.3680043.10.1.2  24 instances",
                           "AI result, not verified.\n"}) {
    const std::size_t at = text.find(what, last);
    ASSERT_NE(at, std::string::npos) << what << " is not after " << last << " in\n" << text;
    last = at;
  }
  EXPECT_THAT(text, Not(HasSubstr("Area")));  // the box's
}

TEST(RenderText, SaysEachThingOfANodeOnce) {
  ReportCase report_case(1);
  report_case.assessment.nodes[0].long_axis->length_mm = 8;
  report_case.assessment.nodes[0].short_axis->length_mm = 7.04;
  const std::string text = Render(report_case).text;
  EXPECT_THAT(text, HasSubstr("  8.0 x 7.0 mm  "));
  EXPECT_EQ(Count(text, "7.0 mm"), 1U);
  report_case.assessment.nodes[0].long_axis.reset();
  EXPECT_THAT(Render(report_case).text, HasSubstr("  short axis 7.0 mm  "));
}

TEST(RenderText, ClinicalReportHasNoWarning) {
  ReportCase report_case(1);
  report_case.assessment.model.clinical = true;
  const RenderedReport rendered = Render(report_case);
  EXPECT_THAT(rendered.text, StartsWith("AI result, not verified\n"));
  EXPECT_THAT(rendered.html, Not(HasSubstr("class=\"warning\"")));
}

TEST(RenderReport, NegativeRunIsNoAllClear) {
  ReportCase report_case(0);
  const RenderedReport rendered = Render(report_case);
  EXPECT_THAT(rendered.text, HasSubstr("does not exclude disease"));
  EXPECT_THAT(rendered.html,
              AllOf(HasSubstr("does not exclude disease"),
                    Not(HasSubstr("<table")),
                    Not(HasSubstr("Key images"))));
  EXPECT_THAT(Malformed(rendered.html), IsEmpty());
}

TEST(RenderReport, PartialAndFailedRunsSaySoAndWhy) {
  ReportCase partial(1);
  partial.assessment.status = AssessmentStatus::kPartial;
  partial.assessment.reason = "slices 20 to 24 cannot be decoded";
  partial.assessment.broken_limits = {"slice thickness 5 mm over 3 mm"};
  RenderedReport rendered = Render(partial);
  EXPECT_THAT(rendered.text,
              AllOf(HasSubstr("Partial: not everything was analysed"),
                    HasSubstr("PARTIAL: slices 20 to 24 cannot be decoded"),
                    HasSubstr("Outside the intended use  slice thickness 5 mm over 3 mm")));
  EXPECT_THAT(rendered.html, HasSubstr("class=\"outcome\">Partial"));
  ReportCase failed(0);
  failed.assessment.status = AssessmentStatus::kFailed;
  failed.assessment.reason = "out of memory";
  failed.assessment.last_slice = -1;
  rendered = Render(failed);
  EXPECT_THAT(rendered.text,
              AllOf(HasSubstr("The analysis failed: there is no result"),
                    HasSubstr("out of memory"),
                    Not(HasSubstr("exclude disease"))));
  EXPECT_THAT(rendered.html, HasSubstr("class=\"outcome failed\""));
  EXPECT_THAT(Malformed(rendered.html), IsEmpty());
}

TEST(RenderReport, RepeatedRunNamesWhatItReplaces) {
  ReportCase report_case(1);
  report_case.context.run = 2;
  report_case.context.predecessors = {
      {Uid(UID_Comprehensive3DSRStorage), Uid("1.2.3.1"), Uid("1.2.3")}};
  EXPECT_THAT(Render(report_case).text, HasSubstr("REPLACES\n  Series 1.2.3  instance 1.2.3.1"));
}

TEST(RenderHtml, ShowsIndexAndKeyImagesOfFiftyNodesWithoutEnd) {
  ReportCase report_case(50, 128, 96, 60);
  const std::string html = Render(report_case).html;
  EXPECT_EQ(Count(html, "<tr class="), 50U);
  EXPECT_EQ(Count(html, "data:image/png;base64,"), kMaxPictures);
  EXPECT_THAT(html, HasSubstr("more are in the Secondary Capture series"));
  EXPECT_LT(html.find("Index: "), html.find("Key image of LN-1"));
  EXPECT_THAT(Malformed(html), IsEmpty());
}

TEST(RenderHtml, NeedsNothingAndAllowsNothing) {
  ReportCase report_case(2);
  const std::string html = Render(report_case).html;
  EXPECT_THAT(html, StartsWith("<!DOCTYPE html>\n"));
  EXPECT_THAT(html,
              HasSubstr("default-src 'none'; style-src " + PolicyHash(kHtmlStyle) +
                        "; img-src data:; base-uri 'none'; form-action 'none'"));
  const std::size_t start = html.find("<style>") + 7;
  EXPECT_EQ(html.substr(start, html.find("</style>") - start), kHtmlStyle);
  for (const char* forbidden :
       {"<script", "<link", "<a ", "<iframe", " style=", " onload", "http://", "https://", "url("})
    EXPECT_THAT(html, Not(HasSubstr(forbidden)));
  EXPECT_EQ(Render(report_case).html, html);
}

TEST(RenderHtml, TitleNamesNoPatient) {
  ReportCase report_case(1);
  EXPECT_THAT(Render(report_case).html, HasSubstr("<title>Neck lymph node report</title>"));
}

TEST(RenderReport, HostileTextIsHarmless) {
  ReportCase report_case(1);
  Put(report_case.reference, DCM_SpecificCharacterSet, "ISO_IR 192");
  Put(report_case.reference, DCM_ReferringPhysicianName, "");
  Put(report_case.reference,
      DCM_PatientName,
      "<script>alert(1)</script>^\xE2\x80\xAE"
      "\x1b]0;x\x07\xC2\x9B"
      "31m");
  Put(report_case.reference, DCM_PatientID, "\"><img src=x onerror='x'>&amp;");
  Put(report_case.reference, DCM_StudyDescription, std::string(100'000, 'x'));
  const RenderedReport rendered = Render(report_case);
  EXPECT_THAT(rendered.html,
              AllOf(HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"),
                    HasSubstr("&quot;&gt;&lt;img src=x onerror=&#39;x&#39;&gt;&amp;amp;"),
                    Not(HasSubstr("<script")),
                    Not(HasSubstr("<img src=x"))));
  EXPECT_THAT(Malformed(rendered.html), IsEmpty());
  EXPECT_LT(rendered.html.size(), 200'000U);
  for (const std::string& text : {rendered.text, rendered.html}) {
    EXPECT_THAT(text, Not(HasSubstr("\xE2\x80\xAE")));
    EXPECT_THAT(text, Not(HasSubstr("\xC2\x9B")));
    for (const char c : text)
      ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << int{c};
  }
}

TEST(RenderReport, NamesOfOtherScriptsBecomeUtf8) {
  struct Case {
    const char *charset, *name, *shown;
  };
  for (const Case& c :
       {Case{"ISO_IR 144",
             "\xBB\xEE\xDA\xE1\xD5\xDC\xD1\xE3\xE0\xD3\xE1\xDA\xD8\xD9^\xC2",
             "Люксембургский, Т"},
        Case{"ISO_IR 192", "Wang^XiaoDong=王^小东", "Wang, XiaoDong = 王, 小东"},
        Case{"GB18030", "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", "Wang, XiaoDong = 王, 小东"},
        Case{"\\ISO 2022 IR 87",
             "Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
             "Yamada, Tarou = 山田, 太郎"},
        Case{"\\ISO 2022 IR 149",
             "Hong^Gildong=\x1b$)C\xFB\xF3^\x1b$)C\xD1\xCE\xD4\xD7",
             "Hong, Gildong = 洪, 吉洞"}}) {
    ReportCase report_case(0);
    Put(report_case.reference, DCM_SpecificCharacterSet, c.charset);
    Put(report_case.reference, DCM_ReferringPhysicianName, "");
    Put(report_case.reference, DCM_PatientName, c.name);
    const RenderedReport rendered = Render(report_case);
    EXPECT_THAT(rendered.text, HasSubstr(c.shown)) << c.charset;
    EXPECT_THAT(rendered.html, HasSubstr(c.shown)) << c.charset;
    EXPECT_THAT(Malformed(rendered.html), IsEmpty()) << c.charset;
  }
}

TEST(RenderReport, TextThatIsNotInItsCharacterSetIsStillShown) {
  ReportCase report_case(0);
  const auto part10 = Changed(report_case.Report(), [](DcmDataset& dataset) {
    Put(dataset, DCM_SpecificCharacterSet, "ISO_IR 192");  // yet Latin-1 bytes
  });
  EXPECT_THAT(RenderText(part10), HasSubstr("Müller, Jörg"));
}

TEST(RenderReport, AnotherVendorsReportIsReadInItsOwnWords) {
  ReportCase report_case(1);
  const auto part10 = Changed(report_case.Report(), [](DcmDataset& dataset) {
    Put(dataset, DCM_Manufacturer, "Vendor");
    Put(dataset, DCM_ManufacturerModelName, "Reader");
    Put(dataset, DCM_VerificationFlag, "VERIFIED");
    Put(AddItem(dataset, DCM_VerifyingObserverSequence), DCM_VerifyingObserverName, "Curie^Marie");
  });
  const std::string text = RenderText(part10);
  EXPECT_THAT(text,
              AllOf(HasSubstr("Imaging Measurement Report\n"),
                    HasSubstr("Verified by Curie, Marie\n"),
                    HasSubstr("Lymph node, Malignant"),
                    HasSubstr("Middle jugular lymph node, Right"),
                    HasSubstr("CAD Processing and Findings Summary: All algorithms succeeded"),
                    HasSubstr("Vendor Reader")));
  EXPECT_THAT(Malformed(RenderHtml(part10, {})), IsEmpty());
}

TEST(RenderReport, AnotherVendorsPartialReportGetsNoJudgementOfOurs) {
  ReportCase report_case(0);
  report_case.assessment.status = AssessmentStatus::kPartial;
  const auto part10 = Changed(
      report_case.Report(), [](DcmDataset& dataset) { Put(dataset, DCM_Manufacturer, "Vendor"); });
  EXPECT_THAT(RenderText(part10),
              AllOf(HasSubstr("The report has no Measurement Group"),
                    ::testing::Not(HasSubstr("Nothing above the thresholds"))));
}

TEST(RenderReport, WhatIsNoReportIsRefused) {
  ReportCase report_case(1);
  const std::vector<std::byte> nothing(200);
  EXPECT_THROW(static_cast<void>(RenderText(nothing)), Error);
  EXPECT_THROW(static_cast<void>(RenderHtml(report_case.State().part10, {})), Error);
  const RenderedReport none = RenderReport(report_case.Captures());
  EXPECT_EQ(none.text + none.html, "");
}

TEST(RenderHtml, LeavesOutPicturesOfAnotherStudyAndWhatIsNoPicture) {
  ReportCase report_case(1);
  const Document report = report_case.Report();
  const Document picture = report_case.Captures().at(1);
  const auto foreign =
      Changed(picture, [](DcmDataset& dataset) { Put(dataset, DCM_StudyInstanceUID, "1.2.3"); });
  const auto wide = Changed(picture, [](DcmDataset& dataset) {
    PutUint16(dataset, DCM_Columns, 4000);  // more than there are pixels
  });
  const std::vector<std::byte> nothing(200);
  const auto with = [&](std::span<const std::byte> bytes) {
    return Count(RenderHtml(report.part10, {bytes}), "<figure");
  };
  EXPECT_EQ(with(picture.part10), 1U);
  EXPECT_EQ(with(foreign), 0U);
  EXPECT_EQ(with(wide), 0U);
  EXPECT_EQ(with(nothing), 0U);
  EXPECT_EQ(with(report.part10), 0U);
}

}  // namespace
}  // namespace necknode::sr_writer::tests
