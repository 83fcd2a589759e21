#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sr_writer/report_case.h"
#include "tests/support/shared_data.h"
#include "tests/support/temp_folder.h"

namespace necknode::sr_writer::tests {
namespace {

/// Lines of dciodvfy that begin with "Error" or "Abort"; a text that says so where it knew no IOD.
std::string Errors(const Document& document) {
  const necknode::tests::TempFolder folder;
  const auto path = Save(document, folder.path());
  std::istringstream lines(RunProgram("dciodvfy " + path.string()));
  std::string errors;
  std::string line;
  bool named_iod = false;
  while (std::getline(lines, line)) {
    named_iod = named_iod || line.rfind("Warning", 0) != 0;
    if (line.rfind("Error", 0) == 0 || line.rfind("Abort", 0) == 0)
      errors += line + "\n";
  }
  return named_iod ? errors : "dciodvfy names no IOD";
}

void ExpectValid(ReportCase& report_case, const std::string& what) {
  for (const ReportClass report_class :
       {ReportClass::kComprehensive3D, ReportClass::kComprehensive})
    EXPECT_EQ(Errors(report_case.Report(report_class)), "") << what;
  if (report_case.assessment.nodes.empty())
    return;
  EXPECT_EQ(Errors(report_case.State()), "") << what;
  const std::vector<Document> captures = report_case.Captures();
  ASSERT_GE(captures.size(), 2U);
  EXPECT_EQ(Errors(captures[0]), "") << what << ", index image";
  EXPECT_EQ(Errors(captures[1]), "") << what << ", key image";
}

class Dciodvfy : public ::testing::Test {
 protected:
  void SetUp() override {
    if (RunProgram("command -v dciodvfy").empty())
      GTEST_SKIP() << "dciodvfy (dicom3tools) is not installed";
  }
};

TEST_F(Dciodvfy, FindsNoErrorsInAnyKindOfRun) {
  for (const NamedCase& run : RunCases()) {
    ReportCase report_case = run.make();
    ExpectValid(report_case, run.name);
  }
}

TEST_F(Dciodvfy, FindsNoErrorsInAnyCharacterSet) {
  const std::vector<NamedCase> cases = CharsetCases();
  if (cases.empty())
    GTEST_SKIP() << necknode::tests::kNoSharedData;
  for (const NamedCase& charset : cases) {
    ReportCase report_case = charset.make();
    ExpectValid(report_case, charset.name);
  }
}

TEST_F(Dciodvfy, FindsNoErrorsInOddSources) {
  ReportCase multi_frame(1);
  for (std::size_t i = 0; i < multi_frame.images.size(); ++i) {
    multi_frame.images[i].sop_class_uid = Uid(UID_EnhancedCTImageStorage);
    multi_frame.images[i].sop_instance_uid = Uid("1.2.3.4");
    multi_frame.images[i].frame = static_cast<int>(i) + 1;
  }
  ExpectValid(multi_frame, "multi-frame");
  ReportCase lossy(1);
  Put(lossy.reference, DCM_LossyImageCompression, "01");
  Put(lossy.reference, DCM_LossyImageCompressionRatio, "8");
  Put(lossy.reference, DCM_LossyImageCompressionMethod, "ISO_10918_1");
  lossy.images[5].window_width = 0;
  for (EvidenceImage& image : lossy.images)
    image.monochrome1 = true;
  ExpectValid(lossy, "lossy, MONOCHROME1, two windows");
}

}  // namespace
}  // namespace necknode::sr_writer::tests
