#include "pipeline/result_json.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "pipeline/assess.h"
#include "pipeline/content_time.h"
#include "tests/pipeline/neck_volume.h"

namespace necknode::pipeline {
namespace {

StudyResult ResultOf(const dicom_io::CtVolume& ct) {
  std::vector<Detection> detections;
  for (int z = 5; z < 8; ++z)
    detections.push_back({z, {84.1, 114, 96, 126}, 0.876, 3});
  models::Package package;
  package.name = "test";
  package.version = "1";
  StudyResult result;
  result.assessment = AssessDetections(
      ct.volume, FindSurroundings(ct.volume), detections, package, "job", {}, nullptr);
  result.analysis_digest = ct.analysis_digest;
  return result;
}

TEST(ResultJson, SaysWhatWasFoundAndWhere) {
  const auto ct = tests::DrawNeck({});
  StudyOptions options;
  options.software_version = "9.9";
  const auto json = nlohmann::json::parse(ResultJson(ResultOf(ct), options, &ct));
  EXPECT_EQ(json["format"], "necknode-result");
  EXPECT_EQ(json["format_version"], kResultJsonVersion);
  EXPECT_EQ(json["outcome"], "done");
  EXPECT_EQ(json["status"], "complete");
  EXPECT_EQ(json["model"]["package"], "test");
  EXPECT_EQ(json["series"]["slices"], 40);
  EXPECT_EQ(json["analysed_slices"]["last"], 39);
  ASSERT_EQ(json["nodes"].size(), 1u);
  const auto& node = json["nodes"][0];
  EXPECT_EQ(node["identifier"], "LN-1");
  EXPECT_EQ(node["side"], "right");
  EXPECT_TRUE(node["level"].is_null());
  EXPECT_TRUE(node["compartment"].is_null());
  EXPECT_TRUE(json["landmarks"]["hyoid"].is_null());
  EXPECT_EQ(node["key_sop_instance_uid"], "1.2.3.6");
  EXPECT_EQ(node["boxes"].size(), 3u);
  EXPECT_EQ(node["boxes"][0]["box"], nlohmann::json({84.0, 114.0, 96.0, 126.0}))
      << "rounded to a quarter pixel";
  EXPECT_NE(ResultJson(ResultOf(ct), options, &ct).find("\"score\": 0.88"), std::string::npos);
}

TEST(ResultJson, SaysWhatAnEarlierStudyShowed) {
  const auto ct = tests::DrawNeck({});
  StudyResult result = ResultOf(ct);
  auto json = nlohmann::json::parse(ResultJson(result, {}, &ct));
  EXPECT_TRUE(json["comparison"].is_null());
  EXPECT_TRUE(json["nodes"][0]["earlier"].is_null());
  result.assessment.comparison = Comparison{Uid("1.2.9"), "20240503", 0.93, 4, ""};
  result.assessment.nodes[0].earlier =
      EarlierFinding{EarlierState::kMatched, "20240503", "LN-2", 7.1, ""};
  json = nlohmann::json::parse(ResultJson(result, {}, &ct));
  EXPECT_EQ(json["comparison"],
            nlohmann::json::parse(R"({"study_instance_uid": "1.2.9", "quality": 0.93,
                                      "earlier_nodes": 4, "reason": null})"));
  EXPECT_EQ(json["nodes"][0]["earlier"],
            nlohmann::json::parse(R"({"state": "matched", "identifier": "LN-2",
                                      "short_axis_mm": 7.1, "reason": null})"));
  result.assessment.comparison = Comparison{Uid("1.2.9"), "20240503", {}, {}, "gone"};
  json = nlohmann::json::parse(ResultJson(result, {}, &ct));
  EXPECT_EQ(json["comparison"]["reason"], "gone");
  EXPECT_TRUE(json["comparison"]["quality"].is_null());
}

TEST(ResultJson, NamesNoPatient) {
  const auto ct = tests::DrawNeck({});
  StudyResult result = ResultOf(ct);
  result.assessment.comparison = Comparison{Uid("1.2.9"), "20260102", 0.93, 4, ""};
  result.assessment.nodes[0].earlier =
      EarlierFinding{EarlierState::kNotSeen, "20260102", "", {}, ""};
  const std::string json = ResultJson(result, {}, &ct);
  EXPECT_THAT(json, testing::Not(testing::HasSubstr("CANARY")));
  EXPECT_THAT(json, testing::Not(testing::HasSubstr("20260102")));
}

TEST(ResultJson, IsWholeWithoutAVolume) {
  StudyResult result;
  result.outcome = Outcome::kNotEligible;
  result.reason = "slice 7 is missing";
  const auto json = nlohmann::json::parse(ResultJson(result, {}, nullptr));
  EXPECT_EQ(json["outcome"], "not_eligible");
  EXPECT_EQ(json["reason"], "slice 7 is missing");
  EXPECT_TRUE(json["series"].is_null());
  EXPECT_TRUE(json["analysed_slices"].is_null());
  EXPECT_TRUE(json["nodes"].empty());
}

TEST(NewestContentTime, IsTheLatestAcquisition) {
  auto ct = tests::DrawNeck({});
  ct.slices[7].header.acquisition_date_time = "20260102101113.25+0100";
  EXPECT_EQ(Iso8601(NewestContentTime(ct)), "2026-01-02T10:11:13.250Z");
}

TEST(NewestContentTime, FallsBackToTheStudyAndThenToTheEpoch) {
  auto ct = tests::DrawNeck({});
  ct.slices.resize(1);
  ct.slices[0].header.acquisition_date_time = "garbage";
  ct.slices[0].header.study_time = "0910";
  EXPECT_EQ(Iso8601(NewestContentTime(ct)), "2026-01-02T09:10:00.000Z");
  ct.slices[0].header.study_date = "20261399";
  EXPECT_EQ(NewestContentTime(ct), WallTime{});
}

}  // namespace
}  // namespace necknode::pipeline
