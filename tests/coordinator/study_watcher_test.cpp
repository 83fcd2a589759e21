#include "coordinator/study_watcher.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/route_decision.h"
#include "core/digest.h"
#include "tests/coordinator/headers.h"
#include "tests/support/temp_folder.h"

namespace necknode::coordinator {
namespace {

using testing::HasSubstr;

class TestClock final : public Clock {
 public:
  [[nodiscard]] WallTime Now() const override {
    return WallTime{std::chrono::milliseconds(1'700'000'000'000) + now_};
  }
  [[nodiscard]] BootTime SinceBoot() const override { return now_; }
  [[nodiscard]] std::string BootId() const override { return "boot"; }
  void Advance(std::chrono::milliseconds duration) { now_ += duration; }

 private:
  std::chrono::milliseconds now_{1'000'000};
};

class StudyWatcherTest : public testing::Test {
 protected:
  StudyWatcherTest() : store_(storage::Store::Open({folder_.path(), 0, 1U << 20U}, clock_)) {}

  void Receive(const std::vector<InstanceHeader>& headers,
               const std::string& called = "NECKNODE",
               storage::AssociationNumber association = 0) {
    const auto committer = store_->MakeCommitter();
    for (const InstanceHeader& header : headers) {
      auto file = store_->objects().Create(storage::ObjectKind::kReceived);
      file->Write(std::as_bytes(std::span(header.sop_instance_uid.value())));
      std::promise<storage::AddOutcome> outcome;
      committer->Submit(
          {std::move(file),
           header,
           Sha256Of(header.sop_instance_uid.value()),
           "PACS",
           called,
           association},
          [&](storage::AddOutcome added, const std::string&) { outcome.set_value(added); });
      EXPECT_EQ(outcome.get_future().get(), storage::AddOutcome::kStored);
    }
  }

  void InstallPackage(bool usable = true) {
    store_->ReportPackages(
        {{"phantom/2", "digest", false, usable, usable ? "" : "weights are damaged", ""}});
  }

  /// One whose peer PACS, named "archive", is asked for counts.
  StudyWatcher MakeCountingWatcher() {
    config::Peer peer;
    peer.name = "archive";
    peer.ae_title = "PACS";
    peer.verify_count = true;
    return {{{config::Route{}}, std::chrono::seconds(30), {peer}, std::chrono::minutes(10)},
            *store_};
  }
  /// What the retriever does: answers the request that is due.
  void AnswerCount(const std::string& series, std::optional<int> instances) {
    auto& requests = store_->archive_requests();
    const auto request = requests.Begin(storage::ArchiveRequestKind::kCount, "archive");
    ASSERT_TRUE(request);
    EXPECT_TRUE(requests.AnswerCounts(*request, {{Uid(series), instances}}));
  }
  int StepAfter(StudyWatcher& watcher, std::chrono::milliseconds duration) {
    clock_.Advance(duration);
    return watcher.Step();
  }

  StudyWatcher MakeWatcher(std::vector<config::Route> routes = {config::Route{}}) {
    return {{std::move(routes), std::chrono::seconds(30)}, *store_};
  }

  tests::TempFolder folder_;
  TestClock clock_;
  std::unique_ptr<storage::Store> store_;
};

TEST_F(StudyWatcherTest, MakesOneJobOnceTheStudyIsQuiet) {
  InstallPackage();
  StudyWatcher watcher = MakeWatcher();
  Receive(tests::AxialSeries("1.2.3.1", 25));
  clock_.Advance(std::chrono::seconds(29));
  EXPECT_EQ(watcher.Step(), 0);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(watcher.Step(), 1);
  EXPECT_EQ(watcher.Step(), 0);
  const auto jobs = store_->jobs().List(0);
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].slices, 25);
  EXPECT_EQ(jobs[0].package_digest, "digest");
  EXPECT_EQ(jobs[0].series_instance_uid, Uid("1.2.3.1"));
}

TEST_F(StudyWatcherTest, AShadowPackageMakesAJobOfItsOwnAndHoldsNothingUp) {
  config::Route route;
  route.shadow = "phantom/3";
  store_->ReportPackages(
      {{"phantom/2", "two", false, true, ""}, {"phantom/3", "three", false, true, ""}});
  StudyWatcher watcher = MakeWatcher(config::WithShadows({route}));
  Receive(tests::AxialSeries("1.2.3.1", 25));
  EXPECT_EQ(StepAfter(watcher, std::chrono::seconds(30)), 1);
  const auto jobs = store_->jobs().List(0);  // newest first
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(jobs[0].route, "default shadow");
  EXPECT_EQ(jobs[0].package_digest, "three");
  EXPECT_EQ(jobs[1].route, "default");
  EXPECT_NE(jobs[0].key, jobs[1].key);

  route.name = "other";
  route.shadow = "phantom/4";
  StudyWatcher without = MakeWatcher(config::WithShadows({route}));
  Receive(tests::AxialSeries("1.2.3.2", 30));
  EXPECT_EQ(StepAfter(without, std::chrono::seconds(30)), 1);
  EXPECT_EQ(store_->jobs().List(0).size(), 3U);
}

TEST_F(StudyWatcherTest, WaitsForAnOpenAssociationUntilItIsSilentForTwiceTheQuietTime) {
  InstallPackage();
  StudyWatcher watcher = MakeWatcher();
  Receive(tests::AxialSeries("1.2.3.1", 25), "NECKNODE", 1);
  clock_.Advance(std::chrono::seconds(59));
  EXPECT_EQ(watcher.Step(), 0);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(watcher.Step(), 1);
  EXPECT_EQ(store_->jobs().List(0).at(0).incomplete, "");
}

TEST_F(StudyWatcherTest, AnEndedAssociationHoldsNothing) {
  InstallPackage();
  StudyWatcher watcher = MakeWatcher();
  Receive(tests::AxialSeries("1.2.3.1", 25), "NECKNODE", 1);
  clock_.Advance(std::chrono::seconds(30));
  store_->holds().Release(1);
  EXPECT_EQ(watcher.Step(), 1);
}

TEST_F(StudyWatcherTest, ReportsPartlyWhatIsStillBeingSentAfterHalfAnHour) {
  InstallPackage();
  StudyWatcher watcher = MakeWatcher();
  const auto series = tests::AxialSeries("1.2.3.1", 25);
  Receive(series, "NECKNODE", 1);
  for (int minute = 0; minute < 29; ++minute) {
    clock_.Advance(std::chrono::minutes(1));
    store_->holds().Renew(1, series[0].study_instance_uid);
    EXPECT_EQ(watcher.Step(), 0);
  }
  clock_.Advance(std::chrono::seconds(59));
  EXPECT_EQ(watcher.Step(), 0);
  store_->holds().Renew(1, series[0].study_instance_uid);
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(watcher.Step(), 1);
  EXPECT_THAT(store_->jobs().List(0).at(0).incomplete, HasSubstr("30 minutes"));
}

TEST_F(StudyWatcherTest, ALateSliceMakesAnotherJob) {
  InstallPackage();
  StudyWatcher watcher = MakeWatcher();
  const auto series = tests::AxialSeries("1.2.3.1", 26);
  Receive({series.begin(), series.end() - 1});
  clock_.Advance(std::chrono::seconds(31));
  watcher.Step();
  Receive({series.back()});
  clock_.Advance(std::chrono::seconds(31));
  EXPECT_EQ(watcher.Step(), 1);
  EXPECT_EQ(store_->jobs().List(0).size(), 2U);
  EXPECT_EQ(store_->jobs().List(0).front().slices, 26);
}

TEST_F(StudyWatcherTest, KeepsTheReasonsWhereNothingSuits) {
  InstallPackage();
  StudyWatcher watcher = MakeWatcher();
  Receive(tests::AxialSeries("1.2.3.1", 3));
  clock_.Advance(std::chrono::seconds(31));
  EXPECT_EQ(watcher.Step(), 1);
  EXPECT_TRUE(store_->jobs().List(0).empty());
  const auto study = store_->studies().List(0).at(0);
  EXPECT_THAT(study.reason, HasSubstr("no suitable series"));
  EXPECT_THAT(store_->studies().Decisions(study.id).at(0).reason, HasSubstr("3 images"));
}

TEST_F(StudyWatcherTest, WaitsUntilAWorkerHasSaidWhatIsInstalled) {
  StudyWatcher watcher = MakeWatcher();
  Receive(tests::AxialSeries("1.2.3.1", 25));
  clock_.Advance(std::chrono::seconds(31));
  EXPECT_EQ(watcher.Step(), 0);
  InstallPackage();
  EXPECT_EQ(watcher.Step(), 1);
}

TEST_F(StudyWatcherTest, WaitsForAPackageThatCannotBeUsed) {
  InstallPackage(false);
  StudyWatcher watcher = MakeWatcher();
  Receive(tests::AxialSeries("1.2.3.1", 25));
  clock_.Advance(std::chrono::seconds(31));
  EXPECT_EQ(watcher.Step(), 0);
  EXPECT_TRUE(store_->jobs().List(0).empty());
  InstallPackage();
  EXPECT_EQ(watcher.Step(), 1);
}

TEST_F(StudyWatcherTest, AppliesEveryRouteThatMatches) {
  InstallPackage();
  std::vector<config::Route> routes(3);
  routes[0].name = "any";
  routes[1].name = "research";
  routes[1].called_ae = "RESEARCH";
  routes[2].name = "other";
  routes[2].calling_ae = "ELSEWHERE";
  StudyWatcher watcher = MakeWatcher(routes);
  Receive(tests::AxialSeries("1.2.3.1", 25), "RESEARCH");
  clock_.Advance(std::chrono::seconds(31));
  watcher.Step();
  std::vector<std::string> names;
  for (const auto& job : store_->jobs().List(0))
    names.push_back(job.route);
  EXPECT_THAT(names, testing::UnorderedElementsAre("any", "research"));
}

TEST_F(StudyWatcherTest, SaysWhereNoRouteMatches) {
  InstallPackage();
  config::Route route;
  route.called_ae = "OTHER";
  StudyWatcher watcher = MakeWatcher({route});
  Receive(tests::AxialSeries("1.2.3.1", 25));
  clock_.Advance(std::chrono::seconds(31));
  watcher.Step();
  EXPECT_THAT(store_->studies().List(0).at(0).reason, HasSubstr("no route"));
}

class ArchivedCountsTest : public StudyWatcherTest {
 protected:
  ArchivedCountsTest() { InstallPackage(); }
  static constexpr std::chrono::seconds kQuiet{30}, kSoon{1};
  std::string RemarkOf(const StudyWatcher&) {
    return store_->studies().Decisions(store_->studies().List(0).at(0).id).at(0).reason;
  }
};

TEST_F(ArchivedCountsTest, AsksOnceQuietAndGoesOnWhenAllAreHere) {
  StudyWatcher watcher = MakeCountingWatcher();
  Receive(tests::AxialSeries("1.2.3.1", 25));
  EXPECT_EQ(StepAfter(watcher, kQuiet - kSoon), 0);
  EXPECT_FALSE(store_->archive_requests().Counts(1, "archive"));
  EXPECT_EQ(StepAfter(watcher, kSoon), 0);
  AnswerCount("1.2.3.1", 25);
  EXPECT_EQ(StepAfter(watcher, kSoon), 1);
  EXPECT_EQ(store_->jobs().List(0).at(0).incomplete, "");
  EXPECT_EQ(RemarkOf(watcher).find("verified"), std::string::npos);
}

TEST_F(ArchivedCountsTest, WaitsForImagesThatTheArchiveHasAndAsksAgainWhenTheyCome) {
  StudyWatcher watcher = MakeCountingWatcher();
  const auto series = tests::AxialSeries("1.2.3.1", 26);
  Receive({series.begin(), series.end() - 1});
  EXPECT_EQ(StepAfter(watcher, kQuiet), 0);
  AnswerCount("1.2.3.1", 26);
  EXPECT_EQ(StepAfter(watcher, std::chrono::minutes(5)), 0);
  Receive({series.back()});
  EXPECT_EQ(StepAfter(watcher, kQuiet), 0);  // the answer was for the study as it was before
  AnswerCount("1.2.3.1", 26);
  StudyWatcher restarted = MakeCountingWatcher();
  EXPECT_EQ(restarted.Step(), 1);
  EXPECT_EQ(store_->jobs().List(0).at(0).slices, 26);
  EXPECT_EQ(store_->jobs().List(0).at(0).incomplete, "");
}

TEST_F(ArchivedCountsTest, ReportsPartlyWhatDoesNotCome) {
  StudyWatcher watcher = MakeCountingWatcher();
  Receive(tests::AxialSeries("1.2.3.1", 25));
  EXPECT_EQ(StepAfter(watcher, kQuiet), 0);
  AnswerCount("1.2.3.1", 80);
  EXPECT_EQ(StepAfter(watcher, std::chrono::minutes(10) - kQuiet - kSoon), 0);
  EXPECT_EQ(StepAfter(watcher, kSoon), 1);
  EXPECT_EQ(store_->jobs().List(0).at(0).incomplete,
            "the archive holds 80 instances of the series, 25 arrived");
}

TEST_F(ArchivedCountsTest, GoesOnWithARemarkWhereTheArchiveDoesNotAnswer) {
  StudyWatcher watcher = MakeCountingWatcher();
  Receive(tests::AxialSeries("1.2.3.1", 25));
  EXPECT_EQ(StepAfter(watcher, kQuiet), 0);
  EXPECT_EQ(StepAfter(watcher, std::chrono::minutes(9)), 0);
  EXPECT_EQ(StepAfter(watcher, std::chrono::minutes(1)), 1);
  EXPECT_EQ(store_->jobs().List(0).at(0).incomplete, "");
  EXPECT_THAT(RemarkOf(watcher), HasSubstr("could not be verified with archive: no answer"));
}

TEST_F(ArchivedCountsTest, GoesOnAtOnceWhereTheArchiveWillNotBeAskedAgain) {
  StudyWatcher watcher = MakeCountingWatcher();
  Receive(tests::AxialSeries("1.2.3.1", 25));
  EXPECT_EQ(StepAfter(watcher, kQuiet), 0);
  auto& requests = store_->archive_requests();
  requests.Fail(*requests.Begin(storage::ArchiveRequestKind::kCount, "archive"), "refused", false);
  EXPECT_EQ(StepAfter(watcher, kSoon), 1);
  EXPECT_THAT(RemarkOf(watcher), HasSubstr("refused"));
}

TEST_F(ArchivedCountsTest, AsksAgainWhereTheSeriesIsNotListedYet) {
  StudyWatcher watcher = MakeCountingWatcher();
  Receive(tests::AxialSeries("1.2.3.1", 25));
  EXPECT_EQ(StepAfter(watcher, kQuiet), 0);
  AnswerCount("1.2.3.9", 25);
  EXPECT_EQ(StepAfter(watcher, std::chrono::seconds(29)), 0);
  EXPECT_FALSE(
      store_->archive_requests().Begin(storage::ArchiveRequestKind::kCount, "archive").has_value());
  EXPECT_EQ(StepAfter(watcher, kSoon), 0);
  AnswerCount("1.2.3.1", std::nullopt);  // listed, without its number
  EXPECT_EQ(StepAfter(watcher, kQuiet), 0);
  AnswerCount("1.2.3.1", 25);
  EXPECT_EQ(StepAfter(watcher, kSoon), 1);
  EXPECT_EQ(RemarkOf(watcher).find("verified"), std::string::npos);
}

TEST_F(ArchivedCountsTest, AsksOnlyThePeerThatSentTheStudy) {
  config::Peer other;
  other.name = "archive";
  other.ae_title = "OTHER";
  other.verify_count = true;
  StudyWatcher watcher({{config::Route{}}, std::chrono::seconds(30), {other}}, *store_);
  Receive(tests::AxialSeries("1.2.3.1", 25));
  EXPECT_EQ(StepAfter(watcher, kQuiet), 1);
}

class PriorRequestsTest : public StudyWatcherTest {
 protected:
  PriorRequestsTest() { InstallPackage(); }
  StudyWatcher MakeWatcherWithPriors(const config::Route& route = {}) {
    WatcherOptions options;
    options.routes = {route};
    options.prior_peer = "archive";
    return {options, *store_};
  }
  std::optional<storage::ArchiveRequest> Begin() {
    return store_->archive_requests().Begin(storage::ArchiveRequestKind::kPriors, "archive");
  }
};

TEST_F(PriorRequestsTest, AreMadeOnceWhenTheFirstImageComes) {
  StudyWatcher watcher = MakeWatcherWithPriors();
  const auto series = tests::AxialSeries("1.2.3.1", 25);
  Receive({series.front()});
  EXPECT_EQ(watcher.Step(), 0);
  ASSERT_TRUE(Begin());
  Receive({series.begin() + 1, series.end()});
  watcher.Step();
  clock_.Advance(std::chrono::seconds(4));
  EXPECT_FALSE(Begin());
}

TEST_F(PriorRequestsTest, AreWaitedForUntilTheyEnd) {
  StudyWatcher watcher = MakeWatcherWithPriors();
  Receive(tests::AxialSeries("1.2.3.1", 25));
  EXPECT_EQ(watcher.Step(), 0);
  EXPECT_EQ(StepAfter(watcher, std::chrono::minutes(4)), 0);
  EXPECT_TRUE(store_->archive_requests().EndPriors(*Begin()));
  EXPECT_EQ(StepAfter(watcher, std::chrono::seconds(1)), 1);
}

TEST_F(PriorRequestsTest, AreNotWaitedForLongerThanTheLimit) {
  StudyWatcher watcher = MakeWatcherWithPriors();
  Receive(tests::AxialSeries("1.2.3.1", 25));
  EXPECT_EQ(watcher.Step(), 0);
  EXPECT_EQ(StepAfter(watcher, std::chrono::seconds(299)), 0);
  EXPECT_EQ(StepAfter(watcher, std::chrono::seconds(1)), 1);
  EXPECT_EQ(store_->jobs().List(0).at(0).incomplete, "");
}

TEST_F(PriorRequestsTest, AreNotMadeForARouteThatDoesNotCompare) {
  config::Route route;
  route.compare_prior = false;
  StudyWatcher watcher = MakeWatcherWithPriors(route);
  Receive(tests::AxialSeries("1.2.3.1", 25));
  EXPECT_EQ(watcher.Step(), 0);
  EXPECT_FALSE(Begin());
}

TEST_F(PriorRequestsTest, AreNotMadeForAStudyThatNoRouteWants) {
  config::Route route;
  route.called_ae = "OTHER";
  StudyWatcher watcher = MakeWatcherWithPriors(route);
  Receive(tests::AxialSeries("1.2.3.1", 25));
  EXPECT_EQ(watcher.Step(), 0);
  EXPECT_FALSE(Begin());
}

TEST(JobKey, DependsOnBytesRouteAndPackageButNotOnOrderNorOutputs) {
  const config::Route route;
  const std::string key = JobKey({"a", "b"}, route, "p");
  EXPECT_EQ(key, JobKey({"b", "a"}, route, "p"));
  EXPECT_NE(key, JobKey({"a", "c"}, route, "p"));
  EXPECT_NE(key, JobKey({"a", "b"}, route, "q"));
  config::Route other = route;
  other.outputs = {{"pacs", true, true, true}};
  EXPECT_EQ(key, JobKey({"a", "b"}, other, "p"));
  other.intended_use = "warn";
  EXPECT_NE(key, JobKey({"a", "b"}, other, "p"));
}

}  // namespace
}  // namespace necknode::coordinator
