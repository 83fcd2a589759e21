#include "admin/slices_api.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "storage/bundle.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::admin {
namespace {

using nlohmann::json;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using storage::Job;
using storage::ObjectKind;
using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

std::vector<std::byte> BytesOf(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

const char* kIndex = R"({"format": "necknode-slices", "format_version": 1,
  "warning": "PHANTOM MODEL, NOT FOR CLINICAL USE", "rows": 512, "columns": 640,
  "picture_rows": 410, "picture_columns": 512, "pixel_spacing_mm": [0.5, 0.4],
  "slice_spacing_mm": 2.0, "window": {"center_hu": 50, "width_hu": 350},
  "slices": [{"instance_number": 12, "position_mm": -3.5},
             {"instance_number": null, "position_mm": -1.5}]})";
const char* kResult = R"({"format": "necknode-result",
  "series": {"row_direction": [0.99, -0.1, 0], "column_direction": [0.1, 0.9, -0.4]}, "nodes": [
  {"identifier": "LN-1", "level": "II", "side": "left", "probability": 0.91,
   "malignancy": "malignant", "key_slice": 1, "short_axis": {"length_mm": 9.3, "endpoints": []},
   "tracking_uid": "2.25.1",
   "boxes": [{"slice": 1, "box": [10.25, 20, 30, 40.5], "score": 0.8, "interpolated": true}]},
  {"identifier": "LN-2", "level": null, "side": "right", "probability": 0.2,
   "malignancy": "benign", "key_slice": 0, "short_axis": null, "boxes": []}]})";

class SlicesApiTest : public storage::StoreTest {
 protected:
  SlicesApiTest() { AddSlicesApi(router_, {*store_}); }

  // A job that ended so, with a bundle of two pictures, result.json and a page, as far as wanted.
  Job Finished(int study, const std::vector<std::string>& kinds) {
    MakeJob(study);
    const Job job = store_->jobs().Acquire("worker", 60s).value();
    storage::JobResult result;
    for (const std::string& kind : kinds) {
      auto file = store_->objects().Create(ObjectKind::kResult);
      if (kind == "VIEW")
        file->Write(storage::PackBundle(kIndex, std::vector{BytesOf("first"), BytesOf("second")}));
      else
        file->Write(BytesOf(kind == "JSON" ? kResult : "<p>a report</p>"));
      file->Sync();
      result.results.push_back({kind, Uid(), Uid(), Uid(), file->key(), file->size()});
    }
    EXPECT_TRUE(store_->jobs().Finish({job.id, job.attempt}, result));
    return job;
  }

  Response Get(std::int64_t job, const std::string& rest) const {
    return GetAt("/api/v1/jobs/" + std::to_string(job) + rest);
  }
  Response GetAt(const std::string& path) const {
    Request request;
    request.method = "GET";
    request.path = path;
    request.role = Role::kViewer;
    return router_.Handle(request);
  }

  Router router_;
};

TEST_F(SlicesApiTest, SaysWhichSlicesThereAreAndWhereTheNodesLie) {
  const Job job = Finished(1, {"JSON", "HTML", "VIEW"});
  const Response response = Get(job.id, "/slices");
  ASSERT_EQ(response.status, 200) << response.body;
  const json answer = json::parse(response.body);
  EXPECT_EQ(answer.at("rows"), 512);
  EXPECT_EQ(answer.at("columns"), 640);
  EXPECT_EQ(answer.at("picture_columns"), 512);
  EXPECT_EQ(answer.at("pixel_spacing_mm"), json({0.5, 0.4}));
  EXPECT_EQ(answer.at("warning"), "PHANTOM MODEL, NOT FOR CLINICAL USE");
  EXPECT_EQ(answer.at("count"), 2);
  EXPECT_EQ(answer.at("slices").at(0),
            json({{"index", 0}, {"instance_number", 12}, {"position_mm", -3.5}}));
  EXPECT_EQ(answer.at("slices").at(1),
            json({{"index", 1}, {"instance_number", nullptr}, {"position_mm", -1.5}}));
  EXPECT_EQ(answer.at("edges"),
            json({{"left", "R"}, {"right", "L"}, {"top", "A"}, {"bottom", "P"}}));
  const json& first = answer.at("nodes").at(0);
  EXPECT_EQ(first.at("identifier"), "LN-1");
  EXPECT_EQ(first.at("short_axis_mm"), 9.3);
  EXPECT_EQ(first.at("key_slice"), 1);
  EXPECT_EQ(first.at("boxes").at(0),
            json({{"slice", 1}, {"box", {10.25, 20, 30, 40.5}}, {"interpolated", true}}));
  EXPECT_TRUE(answer.at("nodes").at(1).at("short_axis_mm").is_null());
  EXPECT_TRUE(answer.at("nodes").at(1).at("level").is_null());
}

TEST_F(SlicesApiTest, GivesEachPictureForTheBrowserToKeep) {
  const Job job = Finished(1, {"JSON", "VIEW"});
  const Response response = Get(job.id, "/slices/1.jpg");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "image/jpeg");
  EXPECT_EQ(response.body, "second");
  EXPECT_THAT(response.headers,
              Contains(Pair("Cache-Control", "private, max-age=31536000, immutable")));
  EXPECT_EQ(Get(job.id, "/slices/0.jpg").body, "first");
  for (const char* name :
       {"2.jpg", "-1.jpg", "0.png", "0", "x.jpg", ".jpg", "0x0.jpg", "99999999999999999999.jpg"})
    EXPECT_EQ(Get(job.id, std::string("/slices/") + name).status, 404) << name;
}

TEST_F(SlicesApiTest, ServesTheReportSoThatNothingInItRuns) {
  const Job job = Finished(1, {"JSON", "HTML", "VIEW"});
  const Response response = Get(job.id, "/report");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(response.body, "<p>a report</p>");
  EXPECT_THAT(response.headers, Contains(Pair("Content-Security-Policy", HasSubstr("sandbox;"))));
  EXPECT_THAT(response.headers,
              Contains(Pair("Content-Security-Policy", HasSubstr("default-src 'none'"))));
}

TEST_F(SlicesApiTest, GivesTheResultAsItWasWritten) {
  const Job job = Finished(1, {"JSON"});
  const Response response = Get(job.id, "/result");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, kResult);
}

TEST_F(SlicesApiTest, SaysWhatAJobHasNot) {
  const Job bare = Finished(1, {"JSON"});
  for (const char* rest : {"/slices", "/slices/0.jpg", "/report"}) {
    const Response response = Get(bare.id, rest);
    EXPECT_EQ(response.status, 404) << rest;
    EXPECT_THAT(response.body, HasSubstr("(done) has no")) << rest;
  }
  const Job queued = MakeJob(2);
  EXPECT_THAT(Get(queued.id, "/result").body, HasSubstr("(queued) has no result.json"));
  EXPECT_EQ(Get(999, "/slices").status, 404);
  EXPECT_EQ(GetAt("/api/v1/jobs/1x/slices").status, 404);
}

TEST_F(SlicesApiTest, TellsWhatRetentionTookFromWhatNeverWas) {
  const Job job = Finished(1, {"JSON", "HTML", "VIEW"});
  clock_.Advance(24h);
  ASSERT_EQ(store_->RemoveExpired({1h, 0}).studies, 1);
  for (const char* rest : {"/slices", "/slices/0.jpg", "/report", "/result"})
    EXPECT_EQ(Get(job.id, rest).status, 410) << rest;
}

TEST_F(SlicesApiTest, DoesNotShowWhatIsDamaged) {
  const Job job = Finished(1, {"JSON", "VIEW"});
  for (const auto& result : store_->jobs().ResultsOf(job.id)) {
    if (result.kind == "VIEW")
      std::filesystem::resize_file(store_->objects().PathOf(ObjectKind::kResult, result.object_key),
                                   result.bytes - 1);
  }
  EXPECT_EQ(Get(job.id, "/slices/0.jpg").status, 200);
  EXPECT_EQ(Get(job.id, "/slices/1.jpg").status, 500);
}

}  // namespace
}  // namespace necknode::admin
