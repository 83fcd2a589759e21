#include "coordinator/analyse_again.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/route_decision.h"
#include "coordinator/study_watcher.h"
#include "core/digest.h"
#include "core/error.h"
#include "tests/coordinator/headers.h"
#include "tests/support/temp_folder.h"

namespace necknode::coordinator {
namespace {

using storage::Job;
using storage::JobState;
using testing::HasSubstr;

/// A study that was decided on, with the packages phantom/2 (its route's) and phantom/3.
class AnalyseAgainTest : public testing::Test {
 protected:
  AnalyseAgainTest() : store_(storage::Store::Open({folder_.path(), 0, 1U << 20U}, SystemClock())) {
    store_->ReportPackages({{"phantom/2", "d2", false, true, ""},
                            {"phantom/3", "d3", false, true, ""},
                            {"phantom/4", "", false, false, "weights are damaged"}});
    const auto committer = store_->MakeCommitter();
    for (const InstanceHeader& header : tests::AxialSeries("1.2.3.1", 30)) {
      auto file = store_->objects().Create(storage::ObjectKind::kReceived);
      file->Write(std::as_bytes(std::span(header.sop_instance_uid.value())));
      std::promise<storage::AddOutcome> outcome;
      committer->Submit(
          {std::move(file), header, Sha256Of(header.sop_instance_uid.value()), "PACS", "NECKNODE"},
          [&](storage::AddOutcome added, const std::string&) { outcome.set_value(added); });
      EXPECT_EQ(outcome.get_future().get(), storage::AddOutcome::kStored);
    }
    study_ = store_->studies().List(1).at(0).id;
  }

  void Decide() {
    StudyWatcher watcher({routes_, std::chrono::milliseconds(0)}, *store_);
    ASSERT_EQ(watcher.Step(), 1);
  }
  /// Ends the job that a worker would take.
  void Finish(JobState state = JobState::kDone) {
    const auto job = store_->jobs().Acquire("w", std::chrono::minutes(1)).value();
    storage::JobResult result;
    result.state = state;
    ASSERT_TRUE(store_->jobs().Finish({job.id, job.attempt}, result));
  }
  std::vector<Job> Again(const std::string& package = "", const std::string& route = "") {
    return AnalyseAgain(routes_, *store_, {study_, package, route, "anna"});
  }
  std::string Refusal(ErrorCode code,
                      const std::string& package = "",
                      const std::string& route = "") {
    try {
      static_cast<void>(Again(package, route));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
  }

  tests::TempFolder folder_;
  std::unique_ptr<storage::Store> store_;
  std::vector<config::Route> routes_ = {config::Route{}};
  storage::StudyId study_ = 0;
};

TEST_F(AnalyseAgainTest, AnotherPackageMakesTheJobThatANewRouteWouldMake) {
  Decide();
  Finish();
  const auto jobs = Again("phantom/3");
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].package, "phantom/3");
  EXPECT_EQ(jobs[0].package_digest, "d3");
  EXPECT_EQ(jobs[0].state, JobState::kQueued);
  EXPECT_EQ(jobs[0].slices, 30);
  config::Route changed;
  changed.package = "phantom/3";
  const auto decision =
      DecideRoute(changed, "d3", SelectableInstances(*store_, study_)).job.value();
  EXPECT_EQ(jobs[0].key, decision.key);
  EXPECT_THAT(Refusal(ErrorCode::kConflict, "phantom/3"), HasSubstr("queued already"));
  Finish();
  EXPECT_THAT(Refusal(ErrorCode::kConflict, "phantom/3"), HasSubstr("already analysed"));
  EXPECT_EQ(store_->AuditTrail(1).at(0).event.context.user, "anna");
}

TEST_F(AnalyseAgainTest, WhatEndedWithoutAResultIsQueuedAgain) {
  Decide();
  Finish(JobState::kFailed);
  const auto jobs = Again();
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].state, JobState::kQueued);
  EXPECT_EQ(store_->jobs().OfStudy(study_).size(), 1U);
}

TEST_F(AnalyseAgainTest, ANamedRouteNeedNotBeTheStudysOwn) {
  config::Route chest;
  chest.name = "trial";
  chest.called_ae = "TRIAL";
  routes_.push_back(chest);
  Decide();
  Finish();
  ASSERT_EQ(store_->jobs().OfStudy(study_).size(), 1U);
  const auto jobs = Again("", "trial");
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].route, "trial");
  EXPECT_THAT(Refusal(ErrorCode::kInvalidArgument, "", "none"), HasSubstr("no route none"));
}

TEST_F(AnalyseAgainTest, SaysWhyItCannotBe) {
  EXPECT_THAT(Refusal(ErrorCode::kConflict), HasSubstr("not decided on yet"));
  Decide();
  Finish();
  EXPECT_THAT(Refusal(ErrorCode::kConflict), HasSubstr("already analysed"));
  EXPECT_THAT(Refusal(ErrorCode::kUnsupported, "other/1"), HasSubstr("not installed"));
  EXPECT_THAT(Refusal(ErrorCode::kUnsupported, "phantom/4"), HasSubstr("weights are damaged"));
  routes_[0].min_slices = 31;
  EXPECT_THAT(Refusal(ErrorCode::kUnsupported, "phantom/3"),
              HasSubstr("no suitable series (30 images, at least 31"));
  routes_[0].called_ae = "TRIAL";
  EXPECT_THAT(Refusal(ErrorCode::kUnsupported, "phantom/3"), HasSubstr("no route is for"));
  study_ = 4711;
  EXPECT_THAT(Refusal(ErrorCode::kNotFound), HasSubstr("no study 4711"));
}

}  // namespace
}  // namespace necknode::coordinator
