#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/sr_writer/report_case.h"
#include "tests/support/temp_folder.h"

namespace necknode::sr_writer::tests {
namespace {

constexpr const char* kJar = "/usr/share/java/pixelmed.jar";

// The validator takes an extensible context group's list for all there is (CID 100, PS3.16).
constexpr const char* kKnownFalse =
    "Code (36235-0,LN,\"CT Neck W contrast IV\") not found in context group 100";

/// The validator's errors; a text that says so where it did not come to its end.
std::string Errors(const Document& document) {
  const necknode::tests::TempFolder folder;
  const auto path = Save(document, folder.path());
  const std::string output =
      RunProgram(std::string("java -XX:MaxRAMPercentage=60 -Xss64m -Djdk.xml.xpathTotalOpLimit=0 "
                             "-Djdk.xml.xpathExprOpLimit=0 ") +
                 "-Djdk.xml.xpathExprGrpLimit=0 -Djdk.xml.entityExpansionLimit=0 -cp " + kJar +
                 " com.pixelmed.validate.DicomSRValidator " + path.string());
  if (output.find("Found Root Template TID_1500") == std::string::npos ||
      output.find("IOD validation complete") == std::string::npos)
    return "the validator did not run: " + output;
  std::istringstream lines(output);
  std::string errors;
  std::string line;
  while (std::getline(lines, line)) {
    if (line.rfind("Error", 0) == 0 && line.find(kKnownFalse) == std::string::npos)
      errors += line + "\n";
  }
  return errors;
}

class Pixelmed : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kJar) || RunProgram("command -v java").empty())
      GTEST_SKIP() << "PixelMed's validator (libpixelmed-java) is not installed";
  }
};

void ExpectValid(const std::vector<NamedCase>& cases) {
  for (const NamedCase& one : cases) {
    ReportCase report_case = one.make();
    EXPECT_EQ(Errors(report_case.Report(ReportClass::kComprehensive3D)), "") << one.name;
  }
}

// Four reports here; `make soak` has the time for all.
TEST_F(Pixelmed, FindsNoErrorsInTheCommonestRuns) {
  std::vector<NamedCase> cases = RunCases();
  std::erase_if(cases, [](const NamedCase& one) {
    return one.name != "one node" && one.name != "partial" && one.name != "second run";
  });
  ASSERT_EQ(cases.size(), 3U);
  ExpectValid(cases);
}

TEST_F(Pixelmed, FindsNoErrorsInANegativeReport) {
  ReportCase report_case(0);
  Put(report_case.reference, DCM_ContrastBolusAgent, "");
  EXPECT_EQ(Errors(report_case.Report(ReportClass::kComprehensive)), "");
}

TEST_F(Pixelmed, FindsNoErrorsInAnyRunOrCharacterSet) {
  if (std::getenv("NECKNODE_SOAK") == nullptr)
    GTEST_SKIP() << "some five minutes: NECKNODE_SOAK=1 (make soak)";
  ExpectValid(RunCases());
  ExpectValid(CharsetCases());
}

}  // namespace
}  // namespace necknode::sr_writer::tests
