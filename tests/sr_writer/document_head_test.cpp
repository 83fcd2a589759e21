#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sr_writer/dicom_bytes.h"
#include "tests/sr_writer/report_case.h"
#include "tests/support/shared_data.h"

namespace necknode::sr_writer::tests {
namespace {

std::vector<Document> AllDocuments(ReportCase& report_case) {
  std::vector<Document> documents = report_case.Captures();
  documents.push_back(report_case.Report(ReportClass::kComprehensive3D));
  documents.push_back(report_case.Report(ReportClass::kComprehensive));
  documents.push_back(report_case.State());
  return documents;
}

// Empty where DCMTK's conversion library has no tables for the character set.
std::string Utf8Name(DcmDataset dataset) {
  return dataset.convertToUTF8().good() ? Get(dataset, DCM_PatientName) : "";
}

TEST(Documents, SameInputGivesTheSameBytes) {
  ReportCase first(3);
  ReportCase second(3);
  const std::vector<Document> a = AllDocuments(first);
  const std::vector<Document> b = AllDocuments(second);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_EQ(a[i].part10, b[i].part10) << a[i].kind;
}

TEST(Documents, UidsTellDocumentsApartAndSeriesStayOne) {
  ReportCase report_case(3);
  const std::vector<Document> documents = AllDocuments(report_case);
  std::set<Uid> instances;
  std::map<std::string, std::set<Uid>> series;
  for (const Document& document : documents) {
    EXPECT_TRUE(document.sop_instance_uid.IsValid());
    instances.insert(document.sop_instance_uid);
    series[document.kind].insert(document.series_instance_uid);
    const auto file = Parse(document);
    EXPECT_EQ(Get(*file->getDataset(), DCM_SOPInstanceUID), document.sop_instance_uid.value());
    EXPECT_EQ(Get(*file->getMetaInfo(), DCM_MediaStorageSOPInstanceUID),
              document.sop_instance_uid.value());
    EXPECT_EQ(Get(*file->getDataset(), DCM_SeriesInstanceUID),
              document.series_instance_uid.value());
  }
  EXPECT_EQ(instances.size(), documents.size());
  for (const auto& [kind, uids] : series)
    EXPECT_EQ(uids.size(), 1U) << kind;
  EXPECT_EQ(series.size(), 3U);
}

TEST(Documents, AnyOtherContentIsAnotherInstance) {
  ReportCase report_case(1);
  const Document before = report_case.Report();
  report_case.context.content_time += std::chrono::seconds(1);
  const Document later = report_case.Report();
  EXPECT_NE(later.sop_instance_uid, before.sop_instance_uid);
  report_case.assessment.nodes[0].probability = 0.92;
  EXPECT_NE(report_case.Report().sop_instance_uid, later.sop_instance_uid);
  EXPECT_EQ(report_case.Report().series_instance_uid, before.series_instance_uid);
}

TEST(Documents, ClinicalAndOtherResultsNeverShareASeries) {
  ReportCase report_case(1);
  const Document phantom = report_case.Report();
  report_case.assessment.model.clinical = true;
  EXPECT_NE(report_case.Report().series_instance_uid, phantom.series_instance_uid);
}

TEST(Documents, CarryPatientStudyRequestAndEquipment) {
  ReportCase report_case(1);
  for (const Document& document : AllDocuments(report_case)) {
    const auto file = Parse(document);
    DcmDataset& dataset = *file->getDataset();
    for (const auto& [tag, value] : {std::pair{DCM_SpecificCharacterSet, "ISO_IR 100"},
                                     std::pair{DCM_PatientName, "M\xFCller^J\xF6rg"},
                                     std::pair{DCM_PatientID, "P-4711"},
                                     std::pair{DCM_IssuerOfPatientID, "HOSPITAL"},
                                     std::pair{DCM_PatientBirthDate, "19560203"},
                                     std::pair{DCM_PatientSex, "M"},
                                     std::pair{DCM_StudyDate, "20261123"},
                                     std::pair{DCM_AccessionNumber, "A-1"},
                                     std::pair{DCM_TimezoneOffsetFromUTC, "+0130"},
                                     std::pair{DCM_Manufacturer, "necknode"},
                                     std::pair{DCM_ManufacturerModelName, "necknode"},
                                     std::pair{DCM_SoftwareVersions, "0.1.0"}})
      EXPECT_EQ(Get(dataset, tag), value) << document.kind << " " << DcmTag(tag).getTagName();
    DcmItem* request = nullptr;
    const DcmTagKey tag =
        document.kind == "SR" ? DCM_ReferencedRequestSequence : DCM_RequestAttributesSequence;
    ASSERT_TRUE(dataset.findAndGetSequenceItem(tag, request, 0).good()) << document.kind;
    EXPECT_EQ(Get(*request, DCM_RequestedProcedureID), "RP-9");
    if (document.kind == "SR") {
      EXPECT_EQ(Get(*request, DCM_AccessionNumber), "A-1");
    }
    DcmItem* model = nullptr;
    ASSERT_TRUE(dataset.findAndGetSequenceItem(DCM_ContributingEquipmentSequence, model, 0).good());
    EXPECT_EQ(Get(*model, DCM_ManufacturerModelName), "phantom faster-rcnn");
    EXPECT_EQ(Get(*model, DCM_SoftwareVersions), "1.0.0");
    EXPECT_TRUE(Uid(Get(*model, DCM_DeviceUID)).IsValid());
  }
}

TEST(Documents, WarningBeginsEverySeriesDescriptionAndFits) {
  ReportCase report_case(1);
  report_case.assessment.model.warning = std::string(80, 'W');
  for (const Document& document : AllDocuments(report_case))
    EXPECT_EQ(Get(*Parse(document)->getDataset(), DCM_SeriesDescription), std::string(64, 'W'));
}

TEST(Documents, ContentTimeIsLocalTimeOfTheSourcesOffset) {
  ReportCase report_case(1);
  // 2026-11-23 14:05:09.123 UTC, and an hour and a half later there.
  EXPECT_EQ(Get(*Parse(report_case.Report())->getDataset(), DCM_ContentTime), "153509.123");
  Put(report_case.reference, DCM_TimezoneOffsetFromUTC, "-0500");
  EXPECT_EQ(Get(*Parse(report_case.Report())->getDataset(), DCM_ContentTime), "090509.123");
  delete report_case.reference.remove(DCM_TimezoneOffsetFromUTC);
  EXPECT_EQ(Get(*Parse(report_case.Report())->getDataset(), DCM_ContentTime), "140509.123");
  report_case.context.utc_offset = std::chrono::hours(10);
  const auto file = Parse(report_case.Report());
  EXPECT_EQ(Get(*file->getDataset(), DCM_ContentTime), "000509.123");
  EXPECT_EQ(Get(*file->getDataset(), DCM_ContentDate), "20261124");
  EXPECT_FALSE(file->getDataset()->tagExists(DCM_TimezoneOffsetFromUTC));
}

TEST(Documents, ContentTimeTakenFromTheSourceIsNotShifted) {
  ReportCase report_case(1);  // of a source at +0130
  report_case.context.content_time_is_local = true;
  EXPECT_EQ(Get(*Parse(report_case.Report())->getDataset(), DCM_ContentTime), "140509.123");
}

TEST(Documents, MissingAttributesOfTypeTwoAreEmpty) {
  ReportCase report_case(1);
  DcmDataset bare;
  for (const DcmTagKey& tag :
       {DCM_SOPClassUID, DCM_SOPInstanceUID, DCM_StudyInstanceUID, DCM_SeriesInstanceUID})
    Put(bare, tag, Get(report_case.reference, tag));
  report_case.reference = bare;
  for (const Document& document : AllDocuments(report_case)) {
    const auto file = Parse(document);
    DcmDataset& dataset = *file->getDataset();
    for (const DcmTagKey& tag : {DCM_PatientName,
                                 DCM_PatientID,
                                 DCM_PatientBirthDate,
                                 DCM_PatientSex,
                                 DCM_StudyDate,
                                 DCM_StudyTime,
                                 DCM_StudyID,
                                 DCM_AccessionNumber,
                                 DCM_ReferringPhysicianName}) {
      EXPECT_TRUE(dataset.tagExists(tag)) << document.kind << " " << DcmTag(tag).getTagName();
      EXPECT_EQ(Get(dataset, tag), "");
    }
    EXPECT_EQ(Get(dataset, DCM_SpecificCharacterSet), "ISO_IR 192");
    EXPECT_FALSE(dataset.tagExists(DCM_ReferencedRequestSequence));
    EXPECT_FALSE(dataset.tagExists(DCM_RequestAttributesSequence));
  }
}

TEST(Documents, UndeclaredTextIsReadAsAssumedAndWrittenInUtf8) {
  ReportCase report_case(1);
  delete report_case.reference.remove(DCM_SpecificCharacterSet);
  const auto name = [&] {
    const auto file = Parse(report_case.State());
    EXPECT_EQ(Get(*file->getDataset(), DCM_SpecificCharacterSet), "ISO_IR 192");
    return Get(*file->getDataset(), DCM_PatientName);
  };
  EXPECT_EQ(name(), "Müller^Jörg");
  report_case.context.assumed_charset = "ISO_IR 144";
  Put(report_case.reference, DCM_PatientName, "\xBB\xEE\xDA");
  Put(report_case.reference, DCM_ReferringPhysicianName, "");
  EXPECT_EQ(name(), "Люк");
  report_case.context.assumed_charset = "";
  Put(report_case.reference, DCM_PatientName, "山田^太郎");
  EXPECT_EQ(name(), "山田^太郎");
}

TEST(Documents, DeclaredButUndecodableTextIsReadAsAssumed) {
  ReportCase report_case(1);
  Put(report_case.reference, DCM_SpecificCharacterSet, "ISO_IR 192");  // yet Latin-1 bytes
  EXPECT_EQ(Get(*Parse(report_case.State())->getDataset(), DCM_PatientName), "Müller^Jörg");
  Put(report_case.reference, DCM_SpecificCharacterSet, "ISO_IR 999");
  EXPECT_EQ(Get(*Parse(report_case.State())->getDataset(), DCM_PatientName), "Müller^Jörg");
  Put(report_case.reference, DCM_PatientName, "A\x81");  // nothing in Windows-1252 either
  EXPECT_EQ(Get(*Parse(report_case.State())->getDataset(), DCM_PatientName), "A?");
}

TEST(Documents, OurOwnTextsStayAsciiInEveryCharacterSet) {
  ReportCase report_case(1);
  report_case.assessment.model.manufacturer = "Universität \\ Ä";
  const auto file = Parse(report_case.State());
  DcmItem* model = nullptr;
  ASSERT_TRUE(file->getDataset()
                  ->findAndGetSequenceItem(DCM_ContributingEquipmentSequence, model, 0)
                  .good());
  EXPECT_EQ(Get(*model, DCM_Manufacturer), "Universit?t   ?");
}

TEST(Documents, NamesOfEveryCharacterSetStayIntact) {
  const std::vector<std::filesystem::path> sources = CharsetSources();
  if (sources.empty())
    GTEST_SKIP() << necknode::tests::kNoSharedData;
  EXPECT_EQ(sources.size(), 17U);
  for (const std::filesystem::path& source : sources) {
    ReportCase report_case = CharsetCase(source);
    const std::string name = Get(report_case.reference, DCM_PatientName);
    ASSERT_FALSE(name.empty());
    for (const Document& document : AllDocuments(report_case)) {
      const auto file = Parse(document);
      DcmDataset& dataset = *file->getDataset();
      EXPECT_EQ(Get(dataset, DCM_PatientName), name) << source << " " << document.kind;
      EXPECT_EQ(Get(dataset, DCM_SpecificCharacterSet),
                Get(report_case.reference, DCM_SpecificCharacterSet))
          << source;
      EXPECT_EQ(Utf8Name(dataset), Utf8Name(report_case.reference)) << source;
    }
  }
}

}  // namespace
}  // namespace necknode::sr_writer::tests
