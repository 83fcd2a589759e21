#include "storage/notices.h"

#include <gmock/gmock.h>

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

const std::set<std::string> kAll = {kNoticeRowParked,
                                    kNoticeObjectQuarantined,
                                    kNoticeJobFailed,
                                    kNoticeStudyParked,
                                    kNoticeDiskReserve,
                                    kNoticeSuspiciousFinding};

class NoticesTest : public StoreTest {
 protected:
  NoticesTest() { notices().Collect(kAll, false); }
  Notices& notices() { return store_->notices(); }
  int Collect(const std::set<std::string>& kinds = kAll, bool full = false) {
    return notices().Collect(kinds, full);
  }
  std::vector<NoticeMessage> Due(const std::string& channel = "webhook") {
    return notices().Due(channel, 5s, 60s);
  }
  /// Finishes a job of `study` with one result for the PACS; the row.
  std::int64_t DeliverableRow(int study, int suspicious = 0, JobState state = JobState::kDone) {
    const Job job = MakeJob(study);
    const auto lent = store_->jobs().Acquire("w", 1min);
    JobResult result;
    result.state = state;
    result.suspicious_nodes = suspicious;
    result.results = {StoreResult("SR", "1.3." + std::to_string(study))};
    result.deliveries = {{"PACS", 0, std::nullopt, ""}};
    EXPECT_TRUE(store_->jobs().Finish({lent->id, lent->attempt}, result));
    return store_->outbox().OfJob(job.id).at(0).id;
  }
  void Quarantine() {
    auto file = store_->objects().Create(ObjectKind::kQuarantine);
    file->Write(SomeBytes(1, 300));
    store_->Quarantine(std::move(file), "SCANNER", "odd");
  }
};

TEST_F(NoticesTest, TellOfAParkedRowOnceAndAgainWhenItIsParkedAgain) {
  const std::int64_t row = DeliverableRow(1);
  EXPECT_EQ(Collect(), 0);
  store_->outbox().MarkParked(row, "0xA900", "not taken");
  EXPECT_EQ(Collect(), 1);
  EXPECT_EQ(Collect(), 0);
  EXPECT_TRUE(Due().empty()) << "more may happen at once";
  clock_.Advance(6s);
  const auto messages = Due();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].kind, kNoticeRowParked);
  EXPECT_EQ(messages[0].events, 1);
  ASSERT_EQ(messages[0].items.size(), 1U);
  const NoticeEvent& item = messages[0].items[0];
  EXPECT_EQ(item.row, row);
  EXPECT_EQ(item.study, Study(1).id);
  EXPECT_EQ(item.job, 1);
  EXPECT_EQ(item.subject, "PACS");
  EXPECT_EQ(item.study_instance_uid.value(), "1.2.1");
  notices().MarkSent(messages[0].id);
  EXPECT_TRUE(Due().empty());
  store_->outbox().Release(row, "anna");
  EXPECT_EQ(Collect(), 0);
  store_->outbox().MarkParked(row, "0xA900", "not taken");
  EXPECT_EQ(Collect(), 1);
}

TEST_F(NoticesTest, KnowEveryKind) {
  DeliverableRow(1, 2);
  EXPECT_EQ(Collect(), 1) << "a suspicious finding";
  DeliverableRow(2, 0, JobState::kFailed);
  EXPECT_EQ(Collect(), 1) << "a failed job";
  Quarantine();
  EXPECT_EQ(Collect(), 1) << "a quarantined object";
  auto other_patient = CtHeader(3, 2);
  Add(CtHeader(3, 1), 31);
  other_patient.patient_id = PatientText("someone else");
  Add(other_patient, 32);
  ASSERT_EQ(Study(3).state, "parked");
  EXPECT_EQ(Collect(), 1) << "a parked study";
  EXPECT_EQ(Collect(kAll, true), 1) << "a full disk";
  EXPECT_EQ(Collect(kAll, true), 0);
  EXPECT_EQ(Collect(kAll, false), 0);
  clock_.Advance(6s);
  std::map<std::string, NoticeEvent> items;
  for (const auto& message : Due()) {
    ASSERT_EQ(message.items.size(), 1U);
    items[message.kind] = message.items[0];
  }
  EXPECT_EQ(items.size(), 5U);
  EXPECT_EQ(items.at(kNoticeObjectQuarantined).subject, "SCANNER");
  EXPECT_EQ(items.at(kNoticeStudyParked).study, Study(3).id);
  EXPECT_EQ(items.at(kNoticeJobFailed).subject, "neck");
  EXPECT_EQ(items.at(kNoticeSuspiciousFinding).study, Study(1).id);
}

TEST_F(NoticesTest, TellOfAQuarantinedObjectWhenItComesOnly) {
  Quarantine();
  EXPECT_EQ(Collect(), 1);
  const std::int64_t id = store_->QuarantineList(0).at(0).id;
  store_->Audit({"quarantine", "SCANNER", "exported", "object " + std::to_string(id)});
  store_->DiscardQuarantined(id, "anna");
  EXPECT_EQ(Collect(), 0);
}

TEST_F(NoticesTest, LookForWantedKindsOnly) {
  DeliverableRow(1, 2);
  EXPECT_EQ(Collect({kNoticeJobFailed}), 0);
}

TEST_F(NoticesTest, SumUpWhatHappensWithinAMinute) {
  for (int study = 1; study <= 3; ++study)
    store_->outbox().MarkParked(DeliverableRow(study), "x", "y");
  Collect();
  clock_.Advance(6s);
  auto messages = Due();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].events, 3);
  notices().MarkSent(messages[0].id);
  for (int study = 4; study <= 3 + kMaxNoticeItems + 2; ++study)
    store_->outbox().MarkParked(DeliverableRow(study), "x", "y");
  Collect();
  clock_.Advance(10s);
  EXPECT_TRUE(Due().empty()) << "the message before is younger than a minute";
  clock_.Advance(60s);
  messages = Due();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].events, kMaxNoticeItems + 2);
  EXPECT_EQ(messages[0].items.size(), static_cast<std::size_t>(kMaxNoticeItems));
}

TEST_F(NoticesTest, KeepAMessageUntilItIsSentOrGivenUp) {
  Quarantine();
  Collect();
  clock_.Advance(6s);
  const auto first = Due();
  ASSERT_EQ(first.size(), 1U);
  notices().MarkRetry(first[0].id, "refused", 30s);
  EXPECT_TRUE(Due().empty());
  EXPECT_EQ(notices().CountWaiting(), 1);
  Reopen();
  clock_.Advance(31s);
  const auto again = Due();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].key, first[0].key);
  EXPECT_EQ(again[0].attempts, 1);
  Quarantine();
  Collect();
  clock_.Advance(2min);
  EXPECT_EQ(Due().size(), 1U) << "no second message of a kind while one waits";
  EXPECT_EQ(Due("email").size(), 1U) << "each channel for itself";
  notices().GiveUp(again[0].id, "refused");
  EXPECT_EQ(store_->AuditTrail(1).at(0).event.outcome, "given up");
  EXPECT_EQ(store_->AuditTrail(1).at(0).event.detail,
            "kind=object_quarantined events=1 status=refused");
  const auto next = Due();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_NE(next[0].key, first[0].key);
}

TEST_F(NoticesTest, BeginWithNowAndForgetWhatIsOld) {
  tests::TempFolder folder;
  StoreOptions options = Options();
  options.folder = folder.path() / "data";
  store_ = Store::Open(options, clock_);
  store_->outbox().MarkParked(DeliverableRow(1), "x", "y");
  clock_.Advance(1s);
  EXPECT_EQ(Collect(), 0) << "what was before is not told";
  store_->outbox().MarkParked(DeliverableRow(2), "x", "y");
  EXPECT_EQ(Collect(), 1);
  clock_.Advance(25h);
  EXPECT_TRUE(Due().empty()) << "nobody is told of yesterday";
  store_.reset();
}

}  // namespace
}  // namespace necknode::storage
