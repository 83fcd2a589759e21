#include <functional>
#include <set>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "dicom_io/part10.h"
#include "dicom_io/scanner.h"
#include "dicom_io/value_text.h"
#include "tests/dicom_io/dataset_bytes.h"
#include "tests/support/shared_data.h"

namespace necknode::tests {
namespace {

std::vector<std::filesystem::path> RealFiles() {
  std::vector<std::filesystem::path> all;
  for (const char* name : {"ct_transfer_syntaxes", "odd_files", "charsets"}) {
    if (const auto folder = SharedData(name); !folder.empty()) {
      const auto files = FilesIn(folder);
      all.insert(all.end(), files.begin(), files.end());
    }
  }
  return all;
}

// What the scan says, as text that can be compared.
std::string Outcome(const std::function<InstanceHeader()>& scan) {
  try {
    const auto h = scan();
    std::string text = h.study_instance_uid.value() + "|" + h.sop_instance_uid.value() + "|" +
                       h.patient_name.Reveal() + "|" + h.series_description + "|" +
                       std::to_string(h.rows.value_or(-1));
    return text;
  } catch (const Error& error) {
    return error.what();
  }
}

InstanceHeader ScanByteByByte(const std::string& file) {
  const auto parts = dicom_io::SplitPart10(AsBytes(file));
  dicom_io::DatasetScanner scanner(parts.transfer_syntax_uid);
  for (std::size_t at = parts.dataset_offset; at < file.size(); ++at) {
    scanner.Feed(AsBytes(file).subspan(at, 1));
  }
  return scanner.Finish();
}

std::string Text(DcmDataset& dataset, const DcmTagKey& tag) {
  OFString value;
  dataset.findAndGetOFStringArray(tag, value);
  return std::string(dicom_io::Trim(std::string_view(value.c_str(), value.size())));
}

void ExpectAsDcmtkReads(const InstanceHeader& h, DcmDataset& d) {
  EXPECT_EQ(h.sop_class_uid.value(), Text(d, DCM_SOPClassUID));
  EXPECT_EQ(h.sop_instance_uid.value(), Text(d, DCM_SOPInstanceUID));
  EXPECT_EQ(h.study_instance_uid.value(), Text(d, DCM_StudyInstanceUID));
  EXPECT_EQ(h.series_instance_uid.value(), Text(d, DCM_SeriesInstanceUID));
  EXPECT_EQ(h.frame_of_reference_uid.value(), Text(d, DCM_FrameOfReferenceUID));
  EXPECT_EQ(h.patient_name.Reveal(), Text(d, DCM_PatientName));
  EXPECT_EQ(h.patient_id.Reveal(), Text(d, DCM_PatientID));
  EXPECT_EQ(h.patient_birth_date.Reveal(), Text(d, DCM_PatientBirthDate));
  EXPECT_EQ(h.accession_number.Reveal(), Text(d, DCM_AccessionNumber));
  EXPECT_EQ(h.specific_character_set, Text(d, DCM_SpecificCharacterSet));
  EXPECT_EQ(h.study_date, Text(d, DCM_StudyDate));
  EXPECT_EQ(h.study_time, Text(d, DCM_StudyTime));
  EXPECT_EQ(h.modality, Text(d, DCM_Modality));
  EXPECT_EQ(h.manufacturer, Text(d, DCM_Manufacturer));
  EXPECT_EQ(h.series_description, Text(d, DCM_SeriesDescription));
  EXPECT_EQ(h.body_part_examined, Text(d, DCM_BodyPartExamined));
  EXPECT_EQ(h.convolution_kernel, Text(d, DCM_ConvolutionKernel));
  EXPECT_EQ(h.lossy, Text(d, DCM_LossyImageCompression) == "01");
  Uint16 rows = 0, columns = 0;
  EXPECT_EQ(d.findAndGetUint16(DCM_Rows, rows).good(), h.rows.has_value());
  EXPECT_EQ(d.findAndGetUint16(DCM_Columns, columns).good(), h.columns.has_value());
  EXPECT_EQ(h.rows.value_or(0), rows);
  EXPECT_EQ(h.columns.value_or(0), columns);
  Float64 z = 0;
  if (h.image_position) {
    EXPECT_TRUE(d.findAndGetFloat64(DCM_ImagePositionPatient, z, 2).good());
    EXPECT_DOUBLE_EQ(h.image_position->z, z);
  }
}

TEST(DatasetScanner, SaysTheSameOfRealFilesByteByByteAsWhole) {
  const auto files = RealFiles();
  if (files.empty()) {
    GTEST_SKIP() << kNoSharedData;
  }
  for (const auto& path : files) {
    const std::string file = ReadText(path);
    EXPECT_EQ(Outcome([&] { return ScanByteByByte(file); }),
              Outcome([&] { return dicom_io::ScanFile(path); }))
        << path.filename();
  }
}

TEST(DatasetScanner, ReadsRealFilesAsDcmtkDoesAndRefusesTheBrokenOnes) {
  const auto files = RealFiles();
  if (files.empty()) {
    GTEST_SKIP() << kNoSharedData;
  }
  std::set<std::string> refused;
  for (const auto& path : files) {
    SCOPED_TRACE(path.filename().string());
    try {
      const auto header = dicom_io::ScanFile(path);
      DcmFileFormat file;
      ASSERT_TRUE(file.loadFile(path.c_str()).good());
      ExpectAsDcmtkReads(header, *file.getDataset());
    } catch (const Error& error) {
      refused.insert(path.filename().string());
      EXPECT_EQ(error.code(), ErrorCode::kParse) << error.what();
    }
  }
  // Cut short, a stray byte before the dataset, no UIDs.
  EXPECT_THAT(refused,
              testing::ElementsAre("MR_truncated.dcm",
                                   "chrSQEncoding.dcm",
                                   "chrSQEncoding1.dcm",
                                   "no_meta.dcm",
                                   "rtplan_truncated.dcm"));
}

}  // namespace
}  // namespace necknode::tests
