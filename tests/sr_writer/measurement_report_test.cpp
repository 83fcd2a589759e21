#include <cmath>
#include <limits>

#include <dcmtk/dcmsr/dsrdoc.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "sr_writer/report_tree.h"
#include "tests/sr_writer/report_case.h"
#include "tests/support/temp_folder.h"

namespace necknode::sr_writer::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ReadReport Read(const Document& document) { return ReadReportFrom(document.part10); }

const ReportItem& Need(const ReportItem& parent, const Code& name) {
  const ReportItem* child = parent.Child(name);
  if (child == nullptr)
    throw std::runtime_error("no " + std::string(name.meaning));
  return *child;
}

std::string Value(const ReportItem& group, const Code& name) {
  const ReportItem* child = group.Child(name);
  return child == nullptr ? "absent" : child->text;
}

std::vector<std::string> ChildNames(const ReportItem& item) {
  std::vector<std::string> names;
  for (const ReportItem& child : item.children)
    names.push_back(child.name.meaning);
  return names;
}

TEST(WriteMeasurementReport, HasTheContainersOfTid1500InOrder) {
  const ReadReport report = Read(ReportCase(1).Report());
  EXPECT_TRUE(report.root.name.Is(codes::kImagingMeasurementReport));
  EXPECT_EQ(report.root.template_id, "1500");
  EXPECT_THAT(ChildNames(report.root),
              ElementsAre("Language of Content Item and Descendants",
                          "Observer Type",
                          "Device Observer UID",
                          "Device Observer Name",
                          "Device Observer Manufacturer",
                          "Device Observer Model Name",
                          "Device Observer Serial Number",
                          "Procedure reported",
                          "Image Library",
                          "Imaging Measurements",
                          "Qualitative Evaluations"));
}

TEST(WriteMeasurementReport, DcmtkAcceptsBothReportClasses) {
  for (const ReportClass report_class :
       {ReportClass::kComprehensive3D, ReportClass::kComprehensive}) {
    ReportCase report_case(3);
    const auto file = Parse(report_case.Report(report_class));
    DSRDocument document;
    EXPECT_TRUE(document.read(*file->getDataset()).good());
    EXPECT_TRUE(document.isValid());
    EXPECT_EQ(document.getDocumentType(),
              report_class == ReportClass::kComprehensive3D ? DSRTypes::DT_Comprehensive3DSR
                                                            : DSRTypes::DT_ComprehensiveSR);
  }
}

TEST(WriteMeasurementReport, GivesTheBoxOfTheKeySliceAsClosedPolyline) {
  ReportCase report_case(1);
  const ReadReport report = Read(report_case.Report());
  ASSERT_EQ(report.groups.size(), 1U);
  const ReportItem& group = *report.groups[0];
  EXPECT_EQ(group.template_id, "1410");
  const ReportItem& region = Need(group, codes::kImageRegion);
  EXPECT_THAT(region.graphic_data,
              ElementsAre(15.25, 21, 27.25, 21, 27.25, 31, 15.25, 31, 15.25, 21));
  const ReportItem& image = Need(region, codes::kOriginalSource);
  ASSERT_EQ(image.references.size(), 1U);
  EXPECT_EQ(image.references[0].sop_instance_uid, report_case.images[5].sop_instance_uid.value());
  const ReportItem& area = Need(group, codes::kArea);
  EXPECT_EQ(area.text, "30");  // 12 x 10 pixels of 0.5 mm
  EXPECT_TRUE(Need(area, codes::kMeasurementMethod).code.Is(codes::kBoundingBox));
  EXPECT_EQ(Need(area, codes::kPath).graphic_data, region.graphic_data);
  EXPECT_EQ(Value(group, codes::kWidth), "6");
  EXPECT_EQ(Value(group, codes::kHeight), "5");
}

TEST(WriteMeasurementReport, GivesWhatWasMeasuredAndLeavesOutWhatWasNot) {
  const ReadReport report = Read(ReportCase(2).Report());
  ASSERT_EQ(report.groups.size(), 2U);
  const ReportItem& measured = *report.groups[0];
  EXPECT_EQ(Value(measured, codes::kShortAxis), "4.5");
  EXPECT_EQ(Value(measured, codes::kLongAxis), "5.5");
  EXPECT_EQ(Value(measured, codes::kCertaintyOfFinding), "93");
  EXPECT_EQ(Value(measured, codes::kProbabilityOfCancer), "91");
  EXPECT_EQ(Value(measured, codes::kAttenuation), "74");
  EXPECT_TRUE(Need(Need(measured, codes::kAttenuation), codes::kDerivation).code.Is(codes::kMean));
  const ReportItem& unmeasured = *report.groups[1];
  EXPECT_EQ(Value(unmeasured, codes::kShortAxis), "absent");
  EXPECT_EQ(Value(unmeasured, codes::kLongAxis), "absent");
  EXPECT_EQ(Value(unmeasured, codes::kAttenuation), "absent");
  EXPECT_THAT(Value(unmeasured, codes::kComment), HasSubstr("axes not measured"));
}

TEST(WriteMeasurementReport, LeavesOutNumbersThatAreNone) {
  ReportCase report_case(1);
  report_case.assessment.nodes[0].mean_hu = std::numeric_limits<double>::quiet_NaN();
  report_case.assessment.nodes[0].short_axis->length_mm = std::numeric_limits<double>::infinity();
  const ReadReport report = Read(report_case.Report());
  EXPECT_EQ(Value(*report.groups[0], codes::kAttenuation), "absent");
  EXPECT_EQ(Value(*report.groups[0], codes::kShortAxis), "absent");
  EXPECT_EQ(Value(*report.groups[0], codes::kLongAxis), "5.5");
}

TEST(WriteMeasurementReport, CodesSiteSideAndJudgement) {
  ReportCase report_case(4);
  report_case.assessment.nodes[3].malignancy = Malignancy::kMalignant;
  const ReadReport report = Read(report_case.Report());
  struct Expected {
    Code site;
    const Code* side;
    Code judgement;
  };
  const std::vector<Expected> expected = {
      {codes::SiteOf("III"), &codes::kRight, codes::kMalignant},
      {codes::kCervicalLymphNode, &codes::kLeft, codes::kIndeterminate},  // merged II/III
      {codes::SiteOf("VI"), nullptr, codes::kBenign},                     // midline
      {codes::kCervicalLymphNode, nullptr, codes::kMalignant}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const ReportItem& site = Need(*report.groups[i], codes::kFindingSite);
    EXPECT_TRUE(site.code.Is(expected[i].site)) << i;
    EXPECT_EQ(site.relationship, "HAS CONCEPT MOD");
    const ReportItem* side = site.Child(codes::kLaterality);
    ASSERT_EQ(side != nullptr, expected[i].side != nullptr) << i;
    if (side != nullptr) {
      EXPECT_TRUE(side->code.Is(*expected[i].side)) << i;
    }
    EXPECT_TRUE(Need(*report.groups[i], codes::kMalignancy).code.Is(expected[i].judgement)) << i;
    EXPECT_TRUE(Need(*report.groups[i], codes::kFinding).code.Is(codes::kLymphNode)) << i;
  }
}

TEST(WriteMeasurementReport, CommentIsWhatOhifShows) {
  ReportCase report_case(3);
  report_case.assessment.model.clinical = true;
  report_case.context.experimental_levels = false;
  const ReadReport clinical = Read(report_case.Report());
  EXPECT_EQ(Value(*clinical.groups[0], codes::kComment),
            "LN-1 suspicious for metastasis, P 0.91, level III right, 5.5 x 4.5 mm axial, slice 6");
  EXPECT_EQ(Value(*clinical.groups[1], codes::kComment),
            "LN-2 indeterminate for metastasis, P 0.50, level II/III left, axes not measured "
            "(no edge), slice 9");
  report_case.assessment.model.clinical = false;
  report_case.context.experimental_levels = true;
  const ReadReport warned = Read(report_case.Report());
  EXPECT_EQ(
      Value(*warned.groups[2], codes::kComment),
      "PHANTOM MODEL, NOT FOR CLINICAL USE: LN-3 not suspicious for metastasis, P 0.08, level "
      "VI midline (level experimental), 5.5 x 4.5 mm axial, slice 12");
}

TEST(WriteMeasurementReport, AlgorithmParametersSayThatItIsNotClinical) {
  ReportCase report_case(1);
  const ReadReport report = Read(report_case.Report());
  EXPECT_THAT(report.parameters,
              StartsWith("clinical=false; warning=PHANTOM MODEL, NOT FOR CLINICAL USE; "));
  EXPECT_EQ(Value(*report.groups[0], codes::kAlgorithmName), "phantom");
  EXPECT_EQ(Value(*report.groups[0], codes::kAlgorithmVersion), "1.0.0");
  EXPECT_EQ(Value(*report.groups[0], codes::kAlgorithmManufacturer), "necknode");
  report_case.assessment.model.clinical = true;
  EXPECT_THAT(Read(report_case.Report()).parameters, StartsWith("clinical=true; detector="));
}

TEST(WriteMeasurementReport, SaysWhatTheRunCameTo) {
  struct Run {
    AssessmentStatus status;
    int nodes;
    Code summary;
    const char* completion;
  };
  for (const Run& run :
       {Run{AssessmentStatus::kComplete, 0, codes::kSucceededWithoutFindings, "COMPLETE"},
        Run{AssessmentStatus::kComplete, 1, codes::kSucceededWithFindings, "COMPLETE"},
        Run{AssessmentStatus::kPartial, 0, codes::kPartlyWithoutFindings, "PARTIAL"},
        Run{AssessmentStatus::kPartial, 2, codes::kPartlyWithFindings, "PARTIAL"},
        Run{AssessmentStatus::kFailed, 0, codes::kFailedWithoutFindings, "PARTIAL"}}) {
    ReportCase report_case(run.nodes);
    report_case.assessment.status = run.status;
    if (run.status != AssessmentStatus::kComplete)
      report_case.assessment.reason = "slices 3 to 5 cannot be decoded";
    const ReadReport report = Read(report_case.Report());
    const ReportItem& evaluations = Need(report.root, codes::kQualitativeEvaluations);
    EXPECT_TRUE(Need(evaluations, codes::kFindingsSummary).code.Is(run.summary));
    EXPECT_EQ(report.root.Child(codes::kImagingMeasurements) != nullptr, run.nodes > 0);
    EXPECT_EQ(Get(report.dataset(), DCM_CompletionFlag), run.completion);
    EXPECT_EQ(Get(report.dataset(), DCM_CompletionFlagDescription), report_case.assessment.reason);
    if (!report_case.assessment.reason.empty()) {
      EXPECT_THAT(Value(evaluations, codes::kComment), HasSubstr("slices 3 to 5"));
    }
    EXPECT_EQ(Get(report.dataset(), DCM_VerificationFlag), "UNVERIFIED");
  }
}

TEST(WriteMeasurementReport, SummaryNamesSeriesSlicesThresholdsAndLimits) {
  ReportCase report_case(1);
  report_case.assessment.last_slice = 19;
  report_case.assessment.broken_limits = {"slice thickness 5 mm over 3 mm", "no contrast agent"};
  Put(report_case.reference, DCM_LossyImageCompression, "01");
  const ReadReport report = Read(report_case.Report());
  EXPECT_EQ(
      Value(Need(report.root, codes::kQualitativeEvaluations), codes::kComment),
      "PHANTOM MODEL, NOT FOR CLINICAL USE: 1 lymph node: 1 suspicious for metastasis. "
      "Suspicious: 1 level III right; largest short axis 4.5 mm (LN-1); lateral compartment. "
      "Series 3, 20 slices analysed (slices 1 to 20 of 24, the others hold no neck). Thresholds: "
      "boxes with a "
      "detection score of at least "
      "0.60, suspicious from P 0.50, indeterminate from P 0.40 to 0.60. Outside the intended "
      "use: slice thickness 5 mm over 3 mm; no contrast agent. The source images had gone "
      "through lossy compression. AI result, not verified.");
  EXPECT_EQ(report.evidence.size(), 20U);
  EXPECT_THAT(report.parameters, HasSubstr("; broken_limit=no contrast agent"));
}

TEST(WriteMeasurementReport, FiftyNodesAreFiftyGroups) {
  const ReadReport report = Read(ReportCase(50).Report());
  EXPECT_EQ(report.groups.size(), 50U);
  EXPECT_EQ(Value(*report.groups[49], codes::kTrackingIdentifier), "LN-50");
}

TEST(WriteMeasurementReport, NamesTheFramesOfAMultiFrameSourceAndListsItOnceInTheEvidence) {
  ReportCase report_case(1);
  for (std::size_t i = 0; i < report_case.images.size(); ++i) {
    report_case.images[i].sop_class_uid = Uid(UID_EnhancedCTImageStorage);
    report_case.images[i].sop_instance_uid = Uid("1.2.3.4");
    report_case.images[i].frame = static_cast<int>(i) + 1;
  }
  const Document document = report_case.Report();
  EXPECT_EQ(Read(document).evidence.size(), 1U);
  const auto file = Parse(document);
  DSRDocument parsed;
  ASSERT_TRUE(parsed.read(*file->getDataset()).good());
  DSRDocumentTree& tree = parsed.getTree();
  ASSERT_NE(tree.gotoNamedNode(DSRCodedEntryValue("111040", "DCM", "Original Source")), 0U);
  OFVector<Sint32> frames;
  const DSRImageReferenceValue* image = tree.getCurrentContentItem().getImageReferencePtr();
  ASSERT_NE(image, nullptr);
  EXPECT_TRUE(image->appliesToFrame(6));
  EXPECT_FALSE(image->appliesToFrame(5));
}

TEST(WriteMeasurementReport, NamesThePredecessorOfItsOwnClassOnly) {
  ReportCase report_case(1);
  report_case.context.run = 2;
  report_case.context.predecessors = {
      {Uid(UID_Comprehensive3DSRStorage), Uid("1.2.3.1"), Uid("1.2.3")},
      {Uid(UID_ComprehensiveSRStorage), Uid("1.2.3.2"), Uid("1.2.3")}};
  const auto file = Parse(report_case.Report(ReportClass::kComprehensive));
  DcmItem* predecessor = nullptr;
  ASSERT_TRUE(file->getDataset()
                  ->findAndGetSequenceItem(DCM_PredecessorDocumentsSequence, predecessor, 0)
                  .good());
  DcmItem* series = nullptr;
  ASSERT_TRUE(predecessor->findAndGetSequenceItem(DCM_ReferencedSeriesSequence, series, 0).good());
  DcmItem* instance = nullptr;
  ASSERT_TRUE(series->findAndGetSequenceItem(DCM_ReferencedSOPSequence, instance, 0).good());
  EXPECT_EQ(Get(*instance, DCM_ReferencedSOPInstanceUID), "1.2.3.2");
  DcmItem* second = nullptr;
  EXPECT_TRUE(file->getDataset()
                  ->findAndGetSequenceItem(DCM_PredecessorDocumentsSequence, second, 1)
                  .bad());
  EXPECT_EQ(Get(*file->getDataset(), DCM_InstanceNumber), "2");
}

TEST(WriteMeasurementReport, ReportsTheSourcesProcedureElseOneByContrast) {
  ReportCase report_case(0);
  const auto procedure = [&] {
    return Need(Read(report_case.Report()).root, codes::kProcedureReported).code;
  };
  EXPECT_TRUE(procedure().Is(codes::kCtNeckWithContrast));
  Put(report_case.reference, DCM_ContrastBolusAgent, "");
  EXPECT_TRUE(procedure().Is(codes::kCtUnspecified));
  // In the document's own character set, which the source declares as ISO_IR 100.
  AddCode(report_case.reference, DCM_ProcedureCodeSequence, {"H1", "99KIS", "CT H\xE4lse", ""});
  EXPECT_EQ(procedure().meaning, "CT H\xE4lse");
  EXPECT_EQ(procedure().value, "H1");
}

TEST(WriteMeasurementReport, RefusesWhatCannotBecomeAReport) {
  const auto refuses = [](const std::function<void(ReportCase&)>& spoil) {
    ReportCase report_case(1);
    spoil(report_case);
    try {
      static_cast<void>(report_case.Report());
      return false;
    } catch (const Error& error) {
      return error.code() == ErrorCode::kInvalidArgument;
    }
  };
  EXPECT_TRUE(refuses([](ReportCase& c) { c.assessment.status = AssessmentStatus::kFailed; }));
  EXPECT_TRUE(refuses([](ReportCase& c) { c.assessment.nodes[0].tracking_uid = Uid(); }));
  EXPECT_TRUE(refuses([](ReportCase& c) { c.assessment.nodes[0].key_slice = 20; }));
  EXPECT_TRUE(refuses([](ReportCase& c) { c.assessment.nodes[0].boxes[0].slice = 24; }));
  EXPECT_TRUE(refuses([](ReportCase& c) {
    c.assessment.nodes[0].boxes[0].box = {200, 0, 210, 9};
  }));
  EXPECT_TRUE(refuses([](ReportCase& c) { c.assessment.nodes[0].boxes[0].box.x0 = NAN; }));
  EXPECT_TRUE(refuses([](ReportCase& c) { Put(c.reference, DCM_StudyInstanceUID, ""); }));
}

TEST(WriteMeasurementReport, DumpOfOneNodeIsTheGoldenText) {
  const necknode::tests::TempFolder folder;
  const Document document = ReportCase(1).Report();
  const auto path = Save(document, folder.path());
  const std::string expected =
      ReadText(std::string(NECKNODE_SOURCE_DIR) + "/tests/sr_writer/one_node.txt");
  EXPECT_EQ(RunProgram("dsrdump -q +U8 +Pl +Pt +Pu " + path.string()), expected);
}

}  // namespace
}  // namespace necknode::sr_writer::tests
