#include "storage/job_queue.h"

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class JobQueueTest : public StoreTest {
 protected:
  JobQueue& jobs() { return store_->jobs(); }
  Lease Take(const std::string& owner = "w") {
    const auto job = jobs().Acquire(owner, 1min);
    if (!job)
      throw std::runtime_error("no job");
    return {job->id, job->attempt};
  }
  JobState StateOf(std::int64_t job) { return jobs().Find(job)->state; }
};

TEST_F(JobQueueTest, LendsTheOldestJobOnce) {
  const Job first = MakeJob(1);
  const Job second = MakeJob(2);
  const auto job = jobs().Acquire("w1", 1min);
  ASSERT_TRUE(job);
  EXPECT_EQ(job->id, first.id);
  EXPECT_EQ(job->state, JobState::kRunning);
  EXPECT_EQ(job->owner, "w1");
  EXPECT_EQ(job->attempt, 1);
  EXPECT_EQ(job->study_instance_uid, Uid("1.2.1"));
  EXPECT_EQ(jobs().Acquire("w2", 1min)->id, second.id);
  EXPECT_FALSE(jobs().Acquire("w3", 1min));
  EXPECT_EQ(jobs().List(1).at(0).id, second.id);
}

TEST_F(JobQueueTest, HeartbeatProlongsTheLease) {
  MakeJob(1);
  const Lease lease = Take();
  clock_.Advance(50s);
  EXPECT_TRUE(jobs().Heartbeat(lease, 12, 1min));
  clock_.Advance(50s);
  EXPECT_FALSE(jobs().Acquire("w2", 1min));
  EXPECT_EQ(jobs().Find(lease.job)->slices_done, 12);
}

TEST_F(JobQueueTest, AWorkerThatLostItsLeaseChangesNothing) {
  MakeJob(1);
  const Lease lost = Take("w1");
  clock_.Advance(2min);
  const Lease current = Take("w2");
  EXPECT_EQ(current.job, lost.job);
  EXPECT_EQ(current.attempt, lost.attempt + 1);
  JobResult result;
  result.results = {StoreResult("SR", "1.3.1")};
  result.deliveries = {{"PACS", 0, std::nullopt, ""}};
  EXPECT_FALSE(jobs().Heartbeat(lost, 1, 1min));
  EXPECT_FALSE(jobs().NoteParsing(lost, "aa"));
  EXPECT_FALSE(jobs().Finish(lost, result));
  EXPECT_FALSE(jobs().Retry(lost, "no", 0s));
  EXPECT_FALSE(jobs().Park(lost, "no"));
  EXPECT_TRUE(jobs().ResultsOf(lost.job).empty());
  EXPECT_TRUE(store_->outbox().List(0).empty());
  EXPECT_TRUE(jobs().Finish(current, result));
  EXPECT_FALSE(jobs().Finish(current, result));
  EXPECT_EQ(store_->outbox().List(0).size(), 1U);
}

TEST_F(JobQueueTest, LeasesOfAnotherBootAreExpired) {
  MakeJob(1);
  const Lease before = Take();
  clock_.Reboot();
  Reopen();
  EXPECT_EQ(Take("w2").attempt, before.attempt + 1);
}

TEST_F(JobQueueTest, FinishStoresResultsAndDeliveriesTogether) {
  const Job job = MakeJob(1);
  const Lease lease = Take();
  JobResult result;
  result.summary = "2 nodes";
  result.analysis_digest = "content";
  result.results = {
      StoreResult("SR", "1.3.1"), StoreResult("SR", "1.3.2"), StoreResult("PR", "1.3.3")};
  result.deliveries = {{"PACS", 0, 1, ""},
                       {"PACS", 2, std::nullopt, ""},
                       {"WEB", 0, std::nullopt, "the package is not clinical"}};
  ASSERT_TRUE(jobs().Finish(lease, result));
  EXPECT_EQ(StateOf(job.id), JobState::kDone);
  EXPECT_EQ(jobs().Find(job.id)->analysis_digest, "content");
  const auto results = jobs().ResultsOf(job.id);
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[2].kind, "PR");
  EXPECT_EQ(results[2].object_key, result.results[2].object_key);
  const auto rows = store_->outbox().OfJob(job.id);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].fallback_sop_instance_uid, Uid("1.3.2"));
  EXPECT_EQ(rows[0].fallback_object_key, result.results[1].object_key);
  EXPECT_EQ(rows[1].fallback_sop_class_uid, std::nullopt);
  EXPECT_EQ(rows[2].state, OutboxState::kWithheld);
  EXPECT_FALSE(jobs().Acquire("w", 1min));
}

TEST_F(JobQueueTest, FinishRefusesWhatMakesNoSense) {
  MakeJob(1);
  const Lease lease = Take();
  JobResult result;
  result.deliveries = {{"PACS", 0, std::nullopt, ""}};
  EXPECT_EQ(CodeOf([&] { jobs().Finish(lease, result); }), ErrorCode::kInvalidArgument);
  result = {};
  result.state = JobState::kQueued;
  EXPECT_EQ(CodeOf([&] { jobs().Finish(lease, result); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(StateOf(lease.job), JobState::kRunning);
}

TEST_F(JobQueueTest, FinishThatBreaksHalfWayChangesNothing) {
  MakeJob(1);
  const Lease lease = Take();
  JobResult result;
  result.results = {StoreResult("SR", "1.3.1")};
  result.results.push_back(result.results[0]);  // one file cannot be two results
  EXPECT_THROW(jobs().Finish(lease, result), Error);
  EXPECT_EQ(StateOf(lease.job), JobState::kRunning);
  EXPECT_TRUE(jobs().ResultsOf(lease.job).empty());
}

TEST_F(JobQueueTest, RetryWaits) {
  MakeJob(1);
  const Lease lease = Take();
  EXPECT_TRUE(jobs().Retry(lease, "device lost", 30s));
  EXPECT_EQ(jobs().Find(lease.job)->reason, "device lost");
  EXPECT_FALSE(jobs().Acquire("w", 1min));
  clock_.Advance(30s);
  const auto again = jobs().Acquire("w", 1min);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->attempt, 2);
  EXPECT_EQ(again->deaths_alone, 0);
  jobs().Retry({again->id, again->attempt}, "device lost", 1h);
  clock_.Reboot();
  EXPECT_TRUE(jobs().Acquire("w", 1min)) << "a delay of another boot is over";
}

TEST_F(JobQueueTest, RequeuesOnlyWhatAPersonMayQueueAgain) {
  MakeJob(1);
  const Lease lease = Take();
  EXPECT_EQ(CodeOf([&] { jobs().Requeue(lease.job, ProcessUser()); }), ErrorCode::kConflict);
  ASSERT_TRUE(jobs().Park(lease, "look at it"));
  EXPECT_EQ(jobs().Find(lease.job)->reason, "look at it");
  EXPECT_FALSE(jobs().Acquire("w", 1min));
  jobs().Requeue(lease.job, ProcessUser());
  JobResult failed;
  failed.state = JobState::kFailed;
  failed.results = {StoreResult("SR", "1.3.1")};
  ASSERT_TRUE(jobs().Finish(Take(), failed));
  jobs().Requeue(lease.job, ProcessUser());
  JobResult done;
  done.results = {StoreResult("SR", "1.3.2")};
  ASSERT_TRUE(jobs().Finish(Take(), done));
  EXPECT_EQ(jobs().ResultsOf(lease.job).at(0).sop_instance_uid, Uid("1.3.2"));
  EXPECT_EQ(jobs().ResultsOf(lease.job).size(), 1U);
  EXPECT_EQ(CodeOf([&] { jobs().Requeue(lease.job, ProcessUser()); }), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf([&] { jobs().Requeue(4711, ProcessUser()); }), ErrorCode::kNotFound);
}

TEST_F(JobQueueTest, FindsFinishedJobsWithTheSameContent) {
  const Job first = MakeJob(1, 2);
  JobResult result;
  result.analysis_digest = "content";
  ASSERT_TRUE(jobs().Finish(Take(), result));
  const Job second = DecideJob(1, 3);
  EXPECT_EQ(jobs().FindSameContent(second, "content")->id, first.id);
  EXPECT_FALSE(jobs().FindSameContent(second, "other"));
  EXPECT_FALSE(jobs().FindSameContent(second, ""));
  EXPECT_FALSE(jobs().FindSameContent(first, "content")) << "not itself";
  EXPECT_FALSE(jobs().FindSameContent(DecideJob(1, 2, "other"), "content"));
  EXPECT_FALSE(jobs().FindSameContent(MakeJob(2), "content")) << "another study has no report";
}

TEST_F(JobQueueTest, FindsThePredecessorsResults) {
  const Job first = MakeJob(1, 2);
  EXPECT_TRUE(jobs().PredecessorResults(first).empty());
  JobResult result;
  result.results = {StoreResult("SR", "1.3.1"), StoreResult("PR", "1.3.2")};
  ASSERT_TRUE(jobs().Finish(Take(), result));
  EXPECT_TRUE(jobs().PredecessorResults(first).empty());
  const Job second = DecideJob(1, 3);
  ASSERT_EQ(jobs().PredecessorResults(second).size(), 2U);
  result.results = {StoreResult("SR", "1.3.3")};
  ASSERT_TRUE(jobs().Finish(Take(), result));
  EXPECT_EQ(jobs().PredecessorResults(second).at(0).sop_instance_uid, Uid("1.3.1"));
  const Job third = DecideJob(1, 4);
  EXPECT_EQ(jobs().PredecessorResults(third).at(0).sop_instance_uid, Uid("1.3.3"));
}

}  // namespace
}  // namespace necknode::storage
