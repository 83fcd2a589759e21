#include "coordinator/prior_choice.h"

#include <future>

#include <gmock/gmock.h>

#include "core/digest.h"
#include "tests/coordinator/headers.h"
#include "tests/support/temp_folder.h"

namespace necknode::coordinator {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;

/// Studies "1.<n>" of one patient, 2020 + n; 5 is the current one.
class ChoosePriorTest : public testing::Test {
 protected:
  ChoosePriorTest() : store_(storage::Store::Open({folder_.path(), 0, 1U << 20U}, SystemClock())) {}

  void Receive(int study, const std::string& originator = "") {
    const std::string uid = "1." + std::to_string(study);
    const auto committer = store_->MakeCommitter();
    for (InstanceHeader header : tests::AxialSeries(uid + ".1", 25)) {
      header.study_instance_uid = Uid(uid);
      header.study_date = std::to_string(2020 + study) + "0503";
      auto file = store_->objects().Create(storage::ObjectKind::kReceived);
      file->Write(std::as_bytes(std::span(header.sop_instance_uid.value())));
      storage::ReceivedInstance instance{
          std::move(file), header, Sha256Of(header.sop_instance_uid.value()), "PACS", "NECKNODE"};
      instance.move_originator = originator;
      std::promise<storage::AddOutcome> outcome;
      committer->Submit(std::move(instance), [&](storage::AddOutcome added, const std::string&) {
        outcome.set_value(added);
      });
      EXPECT_EQ(outcome.get_future().get(), storage::AddOutcome::kStored);
    }
  }
  [[nodiscard]] storage::StudyRow Row(int study) const {
    return store_->studies().Find(Uid("1." + std::to_string(study))).value();
  }
  storage::Job MakeJob(int study, const std::string& route = "default") {
    const storage::StudyRow row = Row(study);
    const std::string series = row.study_instance_uid.value() + ".1";
    storage::NewJob job;
    job.key = Sha256Of(series + route);
    job.series_instance_uid = Uid(series);
    job.route = route;
    job.package = "phantom/2";
    job.slices = 25;
    EXPECT_TRUE(store_->studies().Decide(row.id, row.change, {}, {job}, ""));
    return store_->jobs().OfStudy(row.id).at(0);
  }
  void Finish(storage::JobState state = storage::JobState::kDone) {
    const auto job = store_->jobs().Acquire("worker", 1min);
    auto file = store_->objects().Create(storage::ObjectKind::kResult);
    file->Sync();
    storage::JobResult result;
    result.state = state;
    result.results = {{"JSON", Uid(), Uid(), Uid(), file->key(), 0}};
    json_key_ = file->key();
    ASSERT_TRUE(store_->jobs().Finish({job->id, job->attempt}, result));
  }
  void Analysed(int study, const std::string& route = "default") {
    Receive(study);
    MakeJob(study, route);
    Finish();
  }
  storage::Job Current() {
    Receive(5);
    return MakeJob(5);
  }
  std::optional<ChosenPrior> Choose(const storage::Job& job) {
    return ChoosePrior(*store_, job, config::Route{});
  }

  tests::TempFolder folder_;
  std::unique_ptr<storage::Store> store_;
  std::string json_key_;
};

TEST_F(ChoosePriorTest, IsTheNewestEarlierStudyThatTheRouteAnalysed) {
  Analysed(1);
  Analysed(2);
  const std::string key = json_key_;
  Analysed(3, "other");
  Receive(4);
  MakeJob(4);
  Finish(storage::JobState::kNotEligible);
  Analysed(6);
  const auto prior = Choose(Current());
  ASSERT_TRUE(prior);
  EXPECT_EQ(prior->study_instance_uid, Uid("1.2"));
  EXPECT_EQ(prior->study_date, "20220503");
  EXPECT_THAT(prior->images, SizeIs(25));
  EXPECT_EQ(prior->result_key, key);
  EXPECT_EQ(prior->not_compared, "");
}

TEST_F(ChoosePriorTest, IsNoneWhereNothingIsKnownOrTheRouteDoesNotCompare) {
  Analysed(1);
  Analysed(2, "other");
  const storage::Job job = Current();
  EXPECT_FALSE(Choose(store_->jobs().OfStudy(Row(1).id).at(0))) << "nothing is earlier";
  EXPECT_TRUE(Choose(job));
  config::Route route;
  route.compare_prior = false;
  EXPECT_FALSE(ChoosePrior(*store_, job, route));
}

TEST_F(ChoosePriorTest, SaysThatTheEarlierStudyIsStillToBeAnalysed) {
  Receive(3);
  MakeJob(3);
  const storage::Job job = Current();
  EXPECT_EQ(Choose(job)->not_compared, "it has not been analysed yet");
  Finish();
  EXPECT_EQ(Choose(job)->not_compared, "");
}

TEST_F(ChoosePriorTest, MayBeOneThatWasFetchedForTheStudy) {
  const storage::Job job = Current();
  for (const int study : {3, 4}) {
    EXPECT_TRUE(store_->priors().Request(
        job.study, Uid("1." + std::to_string(study)), {"archive", "", "NECKNODE"}));
  }
  Receive(3, "NECKNODE");
  store_->priors().End(job.study, Uid("1.4"), "timeout");
  const auto prior = Choose(job);
  ASSERT_TRUE(prior);
  EXPECT_EQ(prior->study_instance_uid, Uid("1.3"));
  EXPECT_THAT(prior->images, SizeIs(25));
  EXPECT_EQ(prior->result_key, "");
}

TEST_F(ChoosePriorTest, SaysThatTheImagesAreGone) {
  Analysed(1);
  while (store_->RemoveExpired({0ms, 1}).studies > 0) {
  }
  const auto prior = Choose(Current());
  ASSERT_TRUE(prior);
  EXPECT_EQ(prior->not_compared, "its images are no longer stored");
  EXPECT_THAT(prior->images, IsEmpty());
}

TEST_F(ChoosePriorTest, IsLeftOutWhereTheWorkerDiedOverTheJob) {
  Analysed(1);
  storage::Job job = Current();
  job.deaths_alone = 1;
  EXPECT_EQ(Choose(job)->not_compared, "an attempt at the analysis ended with its process");
}

}  // namespace
}  // namespace necknode::coordinator
