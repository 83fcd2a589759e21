#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

constexpr auto kDay = 24h;

class RetentionTest : public StoreTest {
 protected:
  /// A study whose job is done; its report stands in `state` of the outbox.
  Job Finished(int study, OutboxState state = OutboxState::kDelivered) {
    MakeJob(study);
    const Job job = store_->jobs().Acquire("worker", 1min).value();
    JobResult result;
    result.results = {StoreResult("sr", "2.25." + std::to_string(study))};
    result.deliveries = {{"pacs", 0, {}, ""}};
    EXPECT_TRUE(store_->jobs().Finish({job.id, job.attempt}, result));
    const auto row = store_->outbox().OfJob(job.id).at(0);
    if (state == OutboxState::kDelivered)
      store_->outbox().MarkDelivered(row.id, "0x0000", row.sop_instance_uid);
    if (state == OutboxState::kParked)
      store_->outbox().MarkParked(row.id, "0xC000", "why");
    return job;
  }
  Removed Expire(std::chrono::milliseconds age, std::uint64_t bytes = 0) {
    return store_->RemoveExpired({age, bytes});
  }
};

TEST_F(RetentionTest, RemovesTheFilesOfAnOldFinishedStudyAndKeepsItsRows) {
  const Job job = Finished(1);
  clock_.Advance(kDay);
  EXPECT_EQ(Expire(kDay).studies, 0) << "not older than a day";
  clock_.Advance(1ms);
  const Removed removed = Expire(kDay);
  EXPECT_EQ(removed.studies, 1);
  EXPECT_EQ(removed.objects, 3);
  EXPECT_EQ(removed.bytes, 2 * 5000U + 100U);
  EXPECT_EQ(FilesIn("objects") + FilesIn("results"), 0U);
  EXPECT_TRUE(store_->studies().Instances(Study(1).id).empty());
  EXPECT_EQ(Study(1).instances, 2);
  EXPECT_EQ(store_->jobs().Find(job.id)->state, JobState::kDone);
  EXPECT_EQ(store_->AuditTrail(1).at(0).event.event, "retention");
  EXPECT_EQ(Expire(kDay).studies, 0);
  Reopen();
  EXPECT_EQ(store_->SweepOrphans(ObjectKind::kReceived), 0);
}

TEST_F(RetentionTest, RemovesByAgeAloneNothingThatIsNotFinished) {
  Add(CtHeader(1, 1), 1);              // not decided on
  const Job queued = MakeJob(2);       // to be done
  Finished(3, OutboxState::kWaiting);  // to be sent (takes the older job)
  clock_.Advance(400 * kDay);
  EXPECT_EQ(Expire(kDay).studies, 0);
  EXPECT_EQ(Expire(0ms, 1).studies, 0) << "nor by size";
  EXPECT_GT(FilesIn("objects"), 0U);
  EXPECT_EQ(queued.state, JobState::kQueued);
}

TEST_F(RetentionTest, KeepsWhatWaitsForAPerson) {
  Finished(1, OutboxState::kParked);
  Finished(2);
  Add(CtHeader(3, 1), 1);
  auto other_patient = CtHeader(3, 2);
  other_patient.patient_id = PatientText("SOMEBODY");
  Add(other_patient, 2);
  EXPECT_EQ(Study(3).state, "parked");
  clock_.Advance(400 * kDay);
  EXPECT_EQ(Expire(kDay).studies, 1);
  EXPECT_EQ(Expire(kDay).studies, 0);
  EXPECT_EQ(store_->studies().Instances(Study(1).id).size(), 2U);
  EXPECT_FALSE(store_->studies().Instances(Study(3).id).empty());
}

TEST_F(RetentionTest, RemovesBySizeTheStudyUntouchedForLongest) {
  for (const int study : {1, 2, 3}) {
    Finished(study);
    clock_.Advance(1h);
  }
  Add(CtHeader(1, 1), 1001);  // the same bytes again: study 1 was touched
  const auto row = Study(1);
  ASSERT_TRUE(store_->studies().Decide(row.id, row.change, {}, {}, ""));
  EXPECT_EQ(Expire(0ms, 25'000).studies, 1);
  EXPECT_EQ(Expire(0ms, 25'000).studies, 0) << "20,200 bytes are left";
  EXPECT_TRUE(store_->studies().Instances(Study(2).id).empty());
  EXPECT_EQ(Expire(0ms, 0).studies, 0) << "no limit";
}

TEST_F(RetentionTest, WhatComesAgainIsStoredAgainAndNotAnalysedAgain) {
  const Job job = Finished(1);
  clock_.Advance(2 * kDay);
  ASSERT_EQ(Expire(kDay).studies, 1);
  // From another AE title too: nothing stands against it, the bytes are the same.
  EXPECT_EQ(Add(CtHeader(1, 1), 1001, "OTHER").outcome, AddOutcome::kStored);
  EXPECT_EQ(FilesIn("objects"), 1U);
  EXPECT_EQ(Add(CtHeader(1, 1), 1001).outcome, AddOutcome::kSameBytes);
  EXPECT_EQ(Add(CtHeader(1, 2), 1002).outcome, AddOutcome::kStored);
  EXPECT_EQ(Study(1).instances, 2);
  EXPECT_EQ(store_->studies().Instances(Study(1).id).size(), 2U);
  EXPECT_EQ(DecideJob(1, 2).id, job.id);
  EXPECT_EQ(store_->jobs().OfStudy(Study(1).id).size(), 1U);
}

TEST_F(RetentionTest, AKillBeforeTheFilesAreGoneLeavesOrphansThatTheNextStartSweeps) {
  Finished(1);
  clock_.Advance(2 * kDay);
  const auto instance = store_->studies().Instances(Study(1).id).at(0);
  const auto path = store_->objects().PathOf(ObjectKind::kReceived, instance.object_key);
  std::filesystem::copy_file(path, folder_.path() / "kept");
  ASSERT_EQ(Expire(kDay).studies, 1);
  std::filesystem::copy_file(folder_.path() / "kept", path);
  EXPECT_EQ(store_->SweepOrphans(ObjectKind::kReceived), 1);
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace necknode::storage
