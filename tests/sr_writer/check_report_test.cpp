#include <functional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "sr_writer/check_rules.h"
#include "tests/sr_writer/report_case.h"
#include "tests/support/shared_data.h"

namespace necknode::sr_writer::tests {
namespace {

/// A content item in its sequence, or any sequence item.
struct Found {
  DcmItem* item = nullptr;
  DcmSequenceOfItems* siblings = nullptr;
};

// The n-th content item with this concept name, in document order.
Found Find(DcmItem& parent, const Code& name, int& n) {
  DcmSequenceOfItems* sequence = nullptr;
  if (parent.findAndGetSequence(DCM_ContentSequence, sequence).bad())
    return {};
  for (unsigned long i = 0; i < sequence->card(); ++i) {
    DcmItem* item = sequence->getItem(i);
    DcmItem* code = nullptr;
    if (item->findAndGetSequenceItem(DCM_ConceptNameCodeSequence, code, 0).good() &&
        Get(*code, DCM_CodeValue) == name.value && n-- == 0)
      return {item, sequence};
    const Found below = Find(*item, name, n);
    if (below.item != nullptr)
      return below;
  }
  return {};
}

Found Item(DcmItem& dataset, const Code& name, int n = 0) {
  const Found found = Find(dataset, name, n);
  if (found.item == nullptr)
    throw std::runtime_error("no content item " + std::string(name.meaning));
  return found;
}

void Remove(const Found& found) { delete found.siblings->remove(found.item); }

void SetCode(DcmItem& item, const DcmTagKey& sequence, const Code& code) {
  delete item.remove(sequence);
  AddCode(item, sequence, code);
}

void SetNumber(DcmItem& dataset, const Code& name, const char* value) {
  DcmItem* measured = nullptr;
  Check(Item(dataset, name).item->findAndGetSequenceItem(DCM_MeasuredValueSequence, measured, 0),
        "find a value");
  Put(*measured, DCM_NumericValue, value);
}

void SetPoint(DcmItem& dataset, const Code& name, std::size_t index, float value) {
  DcmItem& item = *Item(dataset, name).item;
  const Float32* data = nullptr;
  unsigned long count = 0;
  Check(item.findAndGetFloat32Array(DCM_GraphicData, data, &count), "find coordinates");
  std::vector<Float32> changed(data, data + count);
  changed.at(index) = value;
  Check(item.putAndInsertFloat32Array(DCM_GraphicData, changed.data(), changed.size()),
        "set coordinates");
}

DcmSequenceOfItems& EvidenceInstances(DcmItem& dataset) {
  DcmItem* study = nullptr;
  DcmItem* series = nullptr;
  DcmSequenceOfItems* instances = nullptr;
  Check(dataset.findAndGetSequenceItem(DCM_CurrentRequestedProcedureEvidenceSequence, study, 0),
        "study");
  Check(study->findAndGetSequenceItem(DCM_ReferencedSeriesSequence, series, 0), "series");
  Check(series->findAndGetSequence(DCM_ReferencedSOPSequence, instances), "instances");
  return *instances;
}

struct Break {
  const char* rule;
  std::function<void(DcmDataset&)> spoil;
  int nodes = 2;
};

const std::vector<Break>& Breaks() {
  static const std::vector<Break> kBreaks = {
      {"title-126000",
       [](DcmDataset& d) {
         SetCode(d, DCM_ConceptNameCodeSequence, {"126001", "DCM", "Oncology Report", ""});
       }},
      {"template-1500",
       [](DcmDataset& d) {
         DcmItem* content_template = nullptr;
         Check(d.findAndGetSequenceItem(DCM_ContentTemplateSequence, content_template, 0), "find");
         Put(*content_template, DCM_TemplateIdentifier, "2000");
       }},
      {"no-empty-container",
       [](DcmDataset& d) {
         delete Item(d, codes::kImagingMeasurements).item->remove(DCM_ContentSequence);
       }},
      {"group-has-coordinates", [](DcmDataset& d) { Remove(Item(d, codes::kArea)); }},
      {"first-num-has-coordinates",
       [](DcmDataset& d) {
         const Found area = Item(d, codes::kArea);
         area.siblings->remove(area.item);
         area.siblings->append(area.item);
       }},
      {"first-num-is-area",
       [](DcmDataset& d) {
         SetCode(*Item(d, codes::kArea).item, DCM_ConceptNameCodeSequence, codes::kWidth);
       }},
      {"closed-box", [](DcmDataset& d) { SetPoint(d, codes::kImageRegion, 8, 20); }},
      {"inside-image", [](DcmDataset& d) { SetPoint(d, codes::kPath, 2, 97); }},
      {"selects-image",
       [](DcmDataset& d) {
         delete Item(d, codes::kImageRegion).item->remove(DCM_ContentSequence);
       }},
      {"no-scoord3d",
       [](DcmDataset& d) { Put(*Item(d, codes::kImageRegion).item, DCM_ValueType, "SCOORD3D"); }},
      {"group-is-tracked", [](DcmDataset& d) { Remove(Item(d, codes::kTrackingUid)); }},
      {"unique-tracking-uids",
       [](DcmDataset& d) {
         Put(*Item(d, codes::kTrackingUid, 1).item,
             DCM_UID,
             Get(*Item(d, codes::kTrackingUid, 0).item, DCM_UID));
       }},
      {"num-at-most-16-characters",
       [](DcmDataset& d) { SetNumber(d, codes::kWidth, "0.123456789012345"); }},
      {"num-is-number", [](DcmDataset& d) { SetNumber(d, codes::kWidth, "nan"); }},
      {"finding-site-is-modifier",
       [](DcmDataset& d) {
         Put(*Item(d, codes::kFindingSite).item, DCM_RelationshipType, "CONTAINS");
       }},
      {"finding-is-no-diagnosis",
       [](DcmDataset& d) {
         SetCode(
             *Item(d, codes::kFinding).item, DCM_ConceptCodeSequence, codes::kSecondaryNeoplasm);
       }},
      {"bounded-by", [](DcmDataset& d) { Remove(Item(d, codes::kGeometricPurpose)); }},
      {"comment-is-label", [](DcmDataset& d) { Remove(Item(d, codes::kComment)); }},
      {"english-meanings",
       [](DcmDataset& d) {
         SetCode(*Item(d, codes::kArea).item,
                 DCM_ConceptNameCodeSequence,
                 {"42798000", "SCT", "Flaeche", ""});
       }},
      {"readable-sop-class", [](DcmDataset& d) { Put(d, DCM_SOPClassUID, UID_EnhancedSRStorage); }},
      {"valid-uids", [](DcmDataset& d) { Put(d, DCM_SeriesInstanceUID, "1.02"); }},
      {"evidence-complete",
       [](DcmDataset& d) {
         DcmSequenceOfItems& instances = EvidenceInstances(d);
         delete instances.remove(instances.getItem(0));
       }},
      {"evidence-unique",
       [](DcmDataset& d) {
         DcmSequenceOfItems& instances = EvidenceInstances(d);
         Check(instances.append(new DcmItem(*instances.getItem(0))), "append");
       }},
      {"not-silent", [](DcmDataset& d) { Remove(Item(d, codes::kFindingsSummary)); }, 0},
      {"summary-matches-findings",
       [](DcmDataset& d) {
         SetCode(*Item(d, codes::kFindingsSummary).item,
                 DCM_ConceptCodeSequence,
                 codes::kSucceededWithoutFindings);
       }},
      {"summary-matches-findings",
       [](DcmDataset& d) {
         SetCode(*Item(d, codes::kFindingsSummary).item,
                 DCM_ConceptCodeSequence,
                 codes::kPartlyWithFindings);
       },
       0},
      {"never-verified-by-device", [](DcmDataset& d) { Put(d, DCM_VerificationFlag, "VERIFIED"); }},
      {"partial-says-why", [](DcmDataset& d) { Put(d, DCM_CompletionFlag, "PARTIAL"); }},
      {"character-set-declared", [](DcmDataset& d) { delete d.remove(DCM_SpecificCharacterSet); }},
      {"comment-warns",
       [](DcmDataset& d) {
         Put(*Item(d, codes::kComment, 1).item, DCM_TextValue, "LN-2 suspicious for metastasis");
       }},
      {"comment-warns",
       [](DcmDataset& d) { Put(*Item(d, codes::kComment).item, DCM_TextValue, "No finding"); },
       0},
      {"series-description-warns",
       [](DcmDataset& d) { Put(d, DCM_SeriesDescription, "Neck lymph node report"); }},
      {"summary-warns", [](DcmDataset& d) { Remove(Item(d, codes::kComment)); }, 0},
  };
  return kBreaks;
}

std::vector<std::string> RulesBroken(const std::vector<std::byte>& part10) {
  std::vector<std::string> rules;
  for (const ReportFinding& finding : CheckReport(part10))
    rules.push_back(finding.rule);
  return rules;
}

TEST(CheckReport, ObjectsToNothingThatWeWrite) {
  for (const int nodes : {0, 1, 3, 50}) {
    for (const ReportClass report_class :
         {ReportClass::kComprehensive3D, ReportClass::kComprehensive}) {
      ReportCase report_case(nodes);
      EXPECT_THAT(RulesBroken(report_case.Report(report_class).part10), ::testing::IsEmpty())
          << nodes;
      report_case.assessment.model.clinical = true;
      report_case.assessment.status = AssessmentStatus::kPartial;
      report_case.assessment.reason = "a slice is missing";
      EXPECT_THAT(RulesBroken(report_case.Report(report_class).part10), ::testing::IsEmpty())
          << nodes;
    }
  }
  ReportCase failed(0);
  failed.assessment.status = AssessmentStatus::kFailed;
  failed.assessment.last_slice = -1;
  EXPECT_THAT(RulesBroken(failed.Report().part10), ::testing::IsEmpty());
  failed.images.clear();
  EXPECT_THAT(RulesBroken(failed.Report().part10), ::testing::IsEmpty());
}

TEST(CheckReport, EachRuleObjectsToAReportBrokenInItsWay) {
  for (const Break& one : Breaks()) {
    const auto file = Parse(ReportCase(one.nodes).Report());
    one.spoil(*file->getDataset());
    EXPECT_THAT(RulesBroken(EncodePart10(*file->getDataset())), ::testing::Contains(one.rule))
        << one.rule;
  }
}

TEST(CheckReport, EveryRuleIsTried) {
  std::set<std::string_view> tried;
  for (const Break& one : Breaks())
    tried.insert(one.rule);
  for (const std::span<const Rule> rules : {ContentRules(), HeaderRules()}) {
    for (const Rule& rule : rules)
      EXPECT_TRUE(tried.contains(rule.name)) << rule.name;
  }
}

TEST(CheckReport, DemandsTheWordsWhereTheReportNamesNoWarning) {
  const auto file = Parse(ReportCase(1).Report());
  Put(*Item(*file->getDataset(), codes::kAlgorithmParameters).item,
      DCM_TextValue,
      "clinical=false");
  const auto rules = RulesBroken(EncodePart10(*file->getDataset()));
  EXPECT_THAT(rules, ::testing::Contains("comment-warns"));
}

TEST(CheckReport, DemandsNoWarningOfAClinicalReport) {
  ReportCase report_case(1);
  report_case.assessment.model.clinical = true;
  EXPECT_THAT(RulesBroken(report_case.Report().part10), ::testing::IsEmpty());
}

std::vector<std::byte> ReadAll(const std::filesystem::path& path) {
  const std::string text = ReadText(path);
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

TEST(CheckReport, ReadsReportsOfOtherVendors) {
  const auto folder = necknode::tests::SharedData("odd_files");
  if (folder.empty())
    GTEST_SKIP() << necknode::tests::kNoSharedData;
  for (const char* name : {"test-SR.dcm", "reportsi.dcm"}) {
    const auto rules = RulesBroken(ReadAll(folder / name));
    EXPECT_THAT(rules, ::testing::Contains("title-126000")) << name;
    EXPECT_THAT(rules, ::testing::Contains("not-silent")) << name;
  }
}

TEST(CheckReport, RefusesWhatIsNoReport) {
  const auto code_of = [](const std::vector<std::byte>& bytes) {
    try {
      static_cast<void>(CheckReport(bytes));
      return std::string("no error");
    } catch (const Error& error) {
      return std::string(ToString(error.code()));
    }
  };
  const std::string parse(ToString(ErrorCode::kParse));
  ReportCase report_case(1);
  EXPECT_EQ(code_of(report_case.State().part10), parse);
  EXPECT_EQ(code_of({}), parse);
  EXPECT_EQ(code_of(std::vector<std::byte>(1000, std::byte{'x'})), parse);
}

TEST(CheckReport, SurvivesATruncatedReport) {
  const Document document = ReportCase(2).Report();
  for (std::size_t length = 0; length < document.part10.size(); length += 97) {
    const std::vector<std::byte> cut(document.part10.begin(),
                                     document.part10.begin() + static_cast<std::ptrdiff_t>(length));
    try {
      static_cast<void>(CheckReport(cut));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kParse);
    }
  }
}

TEST(CheckReport, RefusesATreeDeeperThanAnyReport) {
  const auto file = Parse(ReportCase(0).Report());
  DcmItem* item = file->getDataset();
  for (int depth = 0; depth < 100; ++depth)
    item = &AddItem(*item, DCM_ContentSequence);
  EXPECT_THROW(static_cast<void>(CheckReport(EncodePart10(*file->getDataset()))), Error);
}

}  // namespace
}  // namespace necknode::sr_writer::tests
