#include "pipeline/process_study.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "phantom/dicom_series.h"
#include "tests/pipeline/neck_volume.h"
#include "tests/pipeline/tiny_package.h"
#include "tests/support/read_bytes.h"
#include "tests/support/temp_folder.h"

namespace necknode::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A neck of 30 slices as DICOM files, and a tiny package: made once, read by every test.
class ProcessStudyTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new tests::TempFolder;
    package_ = new models::Package(tests::WriteTinyPackage(folder_->path() / "tiny" / "1"));
    inference_ = new models::Inference(*package_, "cpu");
    tests::NeckScene scene;
    scene.slices = 30;
    phantom::Phantom neck;
    neck.options.slices = scene.slices;
    neck.options.size = scene.size;
    neck.volume = tests::DrawNeck(scene).volume;
    files_ = new std::vector(
        phantom::WriteDicomSeries(neck, {"CANARY^NAME", "", "pipeline"}, folder_->path() / "ct"));
  }
  static void TearDownTestSuite() {
    delete files_;
    delete inference_;
    delete package_;
    delete folder_;
  }

  static std::vector<dicom_io::SliceSource> Sources() {
    std::vector<dicom_io::SliceSource> sources;
    for (const auto& file : *files_) {
      sources.push_back({file.filename().string(), [file] { return tests::ReadBytes(file); }});
    }
    return sources;
  }
  static StudyOptions Options() {
    StudyOptions options;
    options.job_key = "job";
    options.route = "default";
    options.software_version = "9.9";
    return options;
  }
  static StudyResult Process(const std::vector<dicom_io::SliceSource>& sources,
                             const models::Package& package,
                             const StudyOptions& options) {
    return ProcessStudy(sources, *inference_, package, options, nullptr, nullptr);
  }

  static tests::TempFolder* folder_;
  static models::Package* package_;
  static models::Inference* inference_;
  static std::vector<std::filesystem::path>* files_;
};
tests::TempFolder* ProcessStudyTest::folder_;
models::Package* ProcessStudyTest::package_;
models::Inference* ProcessStudyTest::inference_;
std::vector<std::filesystem::path>* ProcessStudyTest::files_;

TEST_F(ProcessStudyTest, GivesTheSameBytesTwice) {
  const StudyResult first = Process(Sources(), *package_, Options());
  auto reversed = Sources();
  std::ranges::reverse(reversed);
  const StudyResult second = Process(reversed, *package_, Options());
  ASSERT_EQ(first.outcome, Outcome::kDone) << first.reason;
  EXPECT_EQ(first.assessment.status, AssessmentStatus::kComplete);
  EXPECT_EQ(first.json, second.json);
  EXPECT_EQ(first.summary, second.summary);
  ASSERT_GE(first.documents.size(), 4u) << "random weights are expected to find something";
  ASSERT_EQ(first.documents.size(), second.documents.size());
  for (std::size_t i = 0; i < first.documents.size(); ++i) {
    EXPECT_EQ(first.documents[i].part10, second.documents[i].part10) << i;
    EXPECT_EQ(first.documents[i].sop_instance_uid, second.documents[i].sop_instance_uid);
  }
  EXPECT_EQ(first.documents[0].kind, "SR");
  EXPECT_EQ(first.documents[0].sop_class_uid.value(), "1.2.840.10008.5.1.4.1.1.88.34");
  EXPECT_EQ(first.documents[1].kind, "SR");
  EXPECT_EQ(first.documents[1].sop_class_uid.value(), "1.2.840.10008.5.1.4.1.1.88.33");
  EXPECT_EQ(first.documents[2].kind, "PR");
  EXPECT_EQ(first.documents[3].kind, "SC");
  EXPECT_THAT(first.json, Not(HasSubstr("CANARY")));
  EXPECT_THAT(first.summary, Not(HasSubstr("CANARY")));
}

TEST_F(ProcessStudyTest, ReportsThatNothingWasFound) {
  models::Package strict = *package_;
  strict.detection_score = 1.0;
  models::Inference inference(strict, "cpu");
  const StudyResult result =
      ProcessStudy(Sources(), inference, strict, Options(), nullptr, nullptr);
  ASSERT_EQ(result.outcome, Outcome::kDone) << result.reason;
  EXPECT_TRUE(result.assessment.nodes.empty());
  ASSERT_EQ(result.documents.size(), 2u);
  EXPECT_EQ(result.documents[1].kind, "SR");
}

TEST_F(ProcessStudyTest, AReportOfASeriesThatMayLackImagesIsPartial) {
  StudyOptions options = Options();
  options.incomplete = "the archive holds 31 instances of the series, 30 arrived";
  const StudyResult result = Process(Sources(), *package_, options);
  ASSERT_EQ(result.outcome, Outcome::kDone) << result.reason;
  EXPECT_EQ(result.assessment.status, AssessmentStatus::kPartial);
  EXPECT_EQ(result.assessment.reason, options.incomplete);
  EXPECT_THAT(result.summary, HasSubstr(options.incomplete));
  EXPECT_NE(result.documents.at(0).sop_instance_uid,
            Process(Sources(), *package_, Options()).documents.at(0).sop_instance_uid);
}

TEST_F(ProcessStudyTest, RefusesWhatBreaksTheIntendedUseWithAllReasons) {
  models::Package package = *package_;
  package.intended_use.max_pixel_spacing_mm = 0.5;
  package.intended_use.min_age_years = 120;
  const StudyResult result = Process(Sources(), package, Options());
  EXPECT_EQ(result.outcome, Outcome::kNotEligible);
  EXPECT_THAT(result.reason, HasSubstr("pixel spacing 1.000 mm is outside 0.30 to 0.50 mm; "));
  EXPECT_THAT(result.reason, HasSubstr("120 years"));
  EXPECT_TRUE(result.documents.empty());
  EXPECT_EQ(nlohmann::json::parse(result.json)["outcome"], "not_eligible");

  StudyOptions report = Options();
  report.report_not_eligible = true;
  const StudyResult reported = Process(Sources(), package, report);
  EXPECT_EQ(reported.outcome, Outcome::kNotEligible);
  EXPECT_EQ(reported.assessment.status, AssessmentStatus::kFailed);
  EXPECT_EQ(reported.documents.size(), 2u);
}

TEST_F(ProcessStudyTest, MakesPicturesOfTheSlicesWhereTheyAreWanted) {
  EXPECT_TRUE(Process(Sources(), *package_, Options()).slice_views.empty());
  StudyOptions views = Options();
  views.slice_views = true;
  EXPECT_GT(Process(Sources(), *package_, views).slice_views.size(), std::size_t{30} * 1000);
  auto sources = Sources();
  sources.erase(sources.begin() + 12);
  EXPECT_TRUE(Process(sources, *package_, views).slice_views.empty()) << "nothing was analysed";
}

TEST_F(ProcessStudyTest, GoesOnWithBrokenLimitsWhereTheRouteOnlyWarns) {
  models::Package package = *package_;
  package.intended_use.max_pixel_spacing_mm = 0.5;
  StudyOptions warn = Options();
  warn.warn_only = true;
  const StudyResult result = Process(Sources(), package, warn);
  ASSERT_EQ(result.outcome, Outcome::kDone) << result.reason;
  EXPECT_THAT(result.assessment.broken_limits, ElementsAre(HasSubstr("pixel spacing")));
  EXPECT_THAT(nlohmann::json::parse(result.json)["broken_limits"][0], HasSubstr("pixel spacing"));
}

TEST_F(ProcessStudyTest, RefusesAMissingSliceEvenWhereTheRouteOnlyWarns) {
  auto sources = Sources();
  sources.erase(sources.begin() + 12);
  StudyOptions warn = Options();
  warn.warn_only = true;
  const StudyResult result = Process(sources, *package_, warn);
  EXPECT_EQ(result.outcome, Outcome::kNotEligible);
  EXPECT_NE(result.reason, "");
  EXPECT_TRUE(result.documents.empty());
  EXPECT_TRUE(nlohmann::json::parse(result.json)["series"].is_null());

  StudyOptions report = warn;
  report.report_not_eligible = true;
  const StudyResult reported = Process(sources, *package_, report);
  EXPECT_EQ(reported.outcome, Outcome::kNotEligible);
  EXPECT_EQ(reported.documents.size(), 2u);
}

TEST_F(ProcessStudyTest, FailsWhereASliceCannotBeDecoded) {
  auto sources = Sources();
  sources[4].read = [] { return std::vector<std::byte>(500, std::byte{7}); };
  const StudyResult result = Process(sources, *package_, Options());
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_NE(result.reason, "");
  EXPECT_EQ(result.assessment.status, AssessmentStatus::kFailed);
  ASSERT_EQ(result.documents.size(), 2u) << "the failure is reported";
  EXPECT_EQ(result.documents[0].kind, "SR");
  for (const sr_writer::ReportFinding& finding : sr_writer::CheckReport(result.documents[0].part10))
    EXPECT_FALSE(finding.error) << finding.rule << ": " << finding.message;
}

TEST_F(ProcessStudyTest, ReportsNothingWhereNoSliceCanBeRead) {
  auto sources = Sources();
  for (auto& source : sources)
    source.read = [] { return std::vector<std::byte>(500, std::byte{7}); };
  const StudyResult result = Process(sources, *package_, Options());
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_TRUE(result.documents.empty());
}

TEST_F(ProcessStudyTest, EndsEarlyWhereTheContentIsKnown) {
  std::string asked;
  const StudyResult result = ProcessStudy(
      Sources(), *inference_, *package_, Options(), nullptr, [&](const std::string& digest) {
        asked = digest;
        return true;
      });
  EXPECT_EQ(result.outcome, Outcome::kSameContent);
  EXPECT_EQ(asked.size(), 64u);
  EXPECT_EQ(result.analysis_digest, asked);
  EXPECT_TRUE(result.documents.empty());
  EXPECT_THAT(result.summary, HasSubstr("same images as in an earlier run"));
  EXPECT_THAT(result.summary, Not(HasSubstr("lymph node"))) << "nothing was looked for";
  EXPECT_TRUE(nlohmann::json::parse(result.json).at("status").is_null());
}

TEST_F(ProcessStudyTest, ReportsEveryStageAndStopsWhereTheCallerThrows) {
  std::vector<std::string> stages;
  std::string object;
  const auto note = [&](const Progress& progress) {
    if (stages.empty() || stages.back() != progress.stage)
      stages.push_back(progress.stage);
    if (!progress.object.empty())
      object = progress.object;
    EXPECT_LE(progress.done, progress.of);
  };
  static_cast<void>(ProcessStudy(Sources(), *inference_, *package_, Options(), note, nullptr));
  EXPECT_THAT(stages, ElementsAre("read", "detect", "measure", "write"));
  EXPECT_THAT(object, HasSubstr(".dcm"));

  const auto stop = [](const Progress& progress) {
    if (progress.stage == "detect" && progress.done == 3)
      throw std::out_of_range("lease lost");
  };
  EXPECT_THROW(
      static_cast<void>(ProcessStudy(Sources(), *inference_, *package_, Options(), stop, nullptr)),
      std::out_of_range);
}

TEST_F(ProcessStudyTest, ComparesWithAnEarlierStudyAndSaysSoEverywhere) {
  StudyOptions options = Options();
  options.prior.emplace();
  options.prior->study_instance_uid = Uid("1.2.3.4");
  options.prior->study_date = "20240503";
  options.prior->sources = Sources();
  std::vector<std::string> stages;
  const auto note = [&](const Progress& progress) {
    if (stages.empty() || stages.back() != progress.stage)
      stages.push_back(progress.stage);
  };
  const StudyResult first = ProcessStudy(Sources(), *inference_, *package_, options, note, nullptr);
  ASSERT_EQ(first.outcome, Outcome::kDone) << first.reason;
  EXPECT_EQ(first.assessment.status, AssessmentStatus::kComplete);
  EXPECT_THAT(stages,
              ElementsAre("read",
                          "detect",
                          "measure",
                          "compare",
                          "read prior",
                          "detect prior",
                          "measure prior",
                          "compare",
                          "write"));
  // The drawn neck has no bone to align by.
  const std::string reason = "the two studies could not be aligned";
  EXPECT_EQ(first.assessment.comparison.value().reason, reason);
  ASSERT_FALSE(first.assessment.nodes.empty());
  EXPECT_EQ(first.assessment.nodes[0].earlier.value().state, EarlierState::kUnsure);
  EXPECT_THAT(first.summary, HasSubstr("Not compared with the study of 2024-05-03: " + reason));
  const auto json = nlohmann::json::parse(first.json);
  EXPECT_EQ(json["comparison"]["study_instance_uid"], "1.2.3.4");
  EXPECT_EQ(json["comparison"]["reason"], reason);
  for (const sr_writer::ReportFinding& finding : sr_writer::CheckReport(first.documents[0].part10))
    EXPECT_FALSE(finding.error) << finding.rule << ": " << finding.message;
  const StudyResult second = Process(Sources(), *package_, options);
  ASSERT_EQ(first.documents.size(), second.documents.size());
  for (std::size_t i = 0; i < first.documents.size(); ++i)
    EXPECT_EQ(first.documents[i].part10, second.documents[i].part10) << i;
  EXPECT_NE(first.documents[0].sop_instance_uid,
            Process(Sources(), *package_, Options()).documents[0].sop_instance_uid)
      << "one SOP Instance UID never has two contents";
}

TEST_F(ProcessStudyTest, AnEarlierStudyThatCannotBeUsedNeverFailsTheCurrentOne) {
  StudyOptions options = Options();
  options.prior.emplace();
  options.prior->sources = Sources();
  options.prior->sources.erase(options.prior->sources.begin() + 12);
  const StudyResult holed = Process(Sources(), *package_, options);
  EXPECT_EQ(holed.outcome, Outcome::kDone);
  EXPECT_EQ(holed.assessment.status, AssessmentStatus::kComplete);
  EXPECT_THAT(holed.assessment.comparison.value().reason,
              HasSubstr("its images could not be read: "));
  EXPECT_THAT(holed.summary, HasSubstr("Not compared with an earlier study: its images"));
  options.prior->sources = Sources();
  options.prior->sources[4].read = [] { return std::vector<std::byte>(500, std::byte{7}); };
  EXPECT_EQ(Process(Sources(), *package_, options).outcome, Outcome::kDone);

  options.prior->sources = Sources();
  const auto stop = [](const Progress& progress) {
    if (progress.stage == "detect prior" && progress.done == 3)
      throw std::out_of_range("lease lost");
  };
  EXPECT_THROW(
      static_cast<void>(ProcessStudy(Sources(), *inference_, *package_, options, stop, nullptr)),
      std::out_of_range);
}

}  // namespace
}  // namespace necknode::pipeline
