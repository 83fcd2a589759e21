#include "storage/job_queue.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class JobDeathsTest : public StoreTest {
 protected:
  JobQueue& jobs() { return store_->jobs(); }
  /// Takes the next job, names an object and dies.
  void Die(const std::string& object_key) {
    const auto job = jobs().Acquire("w", 1min);
    ASSERT_TRUE(job);
    ASSERT_TRUE(jobs().NoteParsing({job->id, job->attempt}, object_key));
    EXPECT_EQ(jobs().ReleaseOwner("w"), 1);
  }
  std::string KeyOf(int study, std::size_t index) {
    return store_->studies().Instances(Study(study).id).at(index).object_key;
  }
};

TEST_F(JobDeathsTest, ReleasedJobIsLentAgainAtOnce) {
  const Job job = MakeJob(1);
  Die("");
  EXPECT_EQ(jobs().Find(job.id)->state, JobState::kQueued);
  EXPECT_EQ(jobs().Find(job.id)->deaths_alone, 1);
  EXPECT_EQ(jobs().Acquire("w2", 1min)->attempt, 2);
  EXPECT_EQ(jobs().ReleaseOwner("nobody"), 0);
}

TEST_F(JobDeathsTest, ParksTheJobAfterThreeDeathsAlone) {
  const Job job = MakeJob(1);
  Die(KeyOf(1, 0));
  Die(KeyOf(1, 1));
  Die("");
  const auto parked = jobs().Find(job.id);
  EXPECT_EQ(parked->state, JobState::kParked);
  EXPECT_EQ(parked->reason, "its worker died 3 times while it held only this job");
  EXPECT_EQ(Study(1).state, "decided");
  EXPECT_TRUE(store_->QuarantineList(0).empty());
  jobs().Requeue(job.id, ProcessUser());
  EXPECT_EQ(jobs().Acquire("w", 1min)->deaths_alone, 0);
}

TEST_F(JobDeathsTest, QuarantinesTheObjectThatKilledThreeWorkers) {
  const Job job = MakeJob(1);
  const auto key = KeyOf(1, 1);
  const auto bytes = store_->objects().Read(ObjectKind::kReceived, key);
  for (int i = 0; i < 3; ++i)
    Die(key);
  EXPECT_EQ(jobs().Find(job.id)->state, JobState::kParked);
  EXPECT_EQ(Study(1).state, "parked");
  EXPECT_EQ(Study(1).reason, "reading one object killed the worker 3 times");
  const auto kept = store_->QuarantineList(0);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].calling_ae, "PACS");
  EXPECT_EQ(store_->objects().Read(ObjectKind::kQuarantine, kept[0].object_key), bytes);
  EXPECT_EQ(store_->studies().Instances(Study(1).id).size(), 1U);
  EXPECT_EQ(store_->SweepOrphans(ObjectKind::kQuarantine), 0);
}

TEST_F(JobDeathsTest, AnExpiredLeaseIsADeath) {
  const Job job = MakeJob(1);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(jobs().Acquire("w" + std::to_string(i), 1min));
    clock_.Advance(2min);
  }
  EXPECT_EQ(jobs().Acquire("w3", 1min)->deaths_alone, 2);
  clock_.Advance(2min);
  EXPECT_FALSE(jobs().Acquire("w4", 1min));
  EXPECT_EQ(jobs().Find(job.id)->state, JobState::kParked);
}

TEST_F(JobDeathsTest, DeathsWithTwoJobsInHandDoNotCountButThenEachRunsAlone) {
  MakeJob(1);
  MakeJob(2);
  MakeJob(3);
  ASSERT_TRUE(jobs().Acquire("w", 1min));
  ASSERT_TRUE(jobs().Acquire("w", 1min));
  EXPECT_EQ(jobs().ReleaseOwner("w"), 2);
  const auto first = jobs().Acquire("w", 1min);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->deaths_alone, 0);
  EXPECT_FALSE(jobs().Acquire("w", 1min)) << "nothing beside a job that runs alone";
  const auto second = jobs().Acquire("w2", 1min);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->study_instance_uid, Uid("1.2.2"));
  const auto third = jobs().Acquire("w3", 1min);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->study_instance_uid, Uid("1.2.3"));
}

TEST_F(JobDeathsTest, AJobThatRunsAloneIsNotPrefetched) {
  MakeJob(1);
  Die("");
  MakeJob(2);
  const auto alone = jobs().Acquire("other", 1min);  // job 1, alone
  ASSERT_TRUE(alone);
  ASSERT_TRUE(jobs().Acquire("w", 1min));  // job 2
  EXPECT_EQ(jobs().ReleaseOwner("other"), 1);
  EXPECT_FALSE(jobs().Acquire("w", 1min)) << "w holds job 2 already";
  EXPECT_TRUE(jobs().Acquire("free", 1min));
}

}  // namespace
}  // namespace necknode::storage
