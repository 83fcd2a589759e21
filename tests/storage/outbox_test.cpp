#include "storage/outbox.h"

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class OutboxTest : public StoreTest {
 protected:
  Outbox& outbox() { return store_->outbox(); }
  /// Finishes a job of `study` with one SR per destination.
  std::vector<OutboxRow> Deliver(int study, const std::vector<NewDelivery>& deliveries) {
    const Job job = MakeJob(study);
    const auto lent = store_->jobs().Acquire("w", 1min);
    JobResult result;
    const std::string uid = "1.3." + std::to_string(study);
    result.results = {StoreResult("SR", uid + ".1"), StoreResult("PR", uid + ".2")};
    result.deliveries = deliveries;
    EXPECT_TRUE(store_->jobs().Finish({lent->id, lent->attempt}, result));
    return outbox().OfJob(job.id);
  }
};

TEST_F(OutboxTest, GivesDueRowsOfOneDestinationStudyByStudy) {
  const auto first = Deliver(1, {{"PACS", 0, 1, ""}, {"WEB", 1, std::nullopt, ""}});
  const auto second = Deliver(2, {{"PACS", 0, std::nullopt, ""}, {"PACS", 1, std::nullopt, ""}});
  EXPECT_EQ(outbox().DueDestinations(), (std::vector<std::string>{"PACS", "WEB"}));
  const auto due = outbox().Due("PACS", 10);
  ASSERT_EQ(due.size(), 3U);
  EXPECT_EQ(due[0].id, first[0].id);
  EXPECT_EQ(due[0].kind, "SR");
  EXPECT_EQ(due[0].study_instance_uid, Uid("1.2.1"));
  EXPECT_EQ(due[0].sop_instance_uid, Uid("1.3.1.1"));
  EXPECT_EQ(due[0].fallback_sop_instance_uid, Uid("1.3.1.2"));
  EXPECT_EQ(due[1].study_instance_uid, due[2].study_instance_uid);
  EXPECT_EQ(outbox().Due("PACS", 1).size(), 1U);
  EXPECT_EQ(outbox().List(1).at(0).id, second[1].id);
}

TEST_F(OutboxTest, CountsWhatWaitsForADestination) {
  const auto rows = Deliver(1, {{"PACS", 0, std::nullopt, ""}, {"PACS", 1, std::nullopt, ""}});
  outbox().MarkRetry(rows[0].id, "connection refused", 30s);
  EXPECT_EQ(outbox().CountWaiting("PACS"), 2);
  EXPECT_EQ(outbox().CountWaiting("WEB"), 0);
  outbox().MarkParked(rows[1].id, "0x0122", "refused");
  EXPECT_EQ(outbox().CountWaiting("PACS"), 1);
}

TEST_F(OutboxTest, RowsFollowARenamedPeer) {
  const auto rows = Deliver(
      1,
      {{"PACS", 0, std::nullopt, ""}, {"PACS", 1, std::nullopt, ""}, {"WEB", 0, std::nullopt, ""}});
  outbox().MarkParked(rows[0].id, kNoSuchPeer, "not in the configuration");
  outbox().MarkParked(rows[1].id, "0x0122", "refused");
  store_->RenamePeer("PACS", "ARCHIVE");
  const auto lost = outbox().Find(rows[0].id);
  EXPECT_EQ(lost->destination, "ARCHIVE");
  EXPECT_EQ(lost->state, OutboxState::kWaiting) << "it was parked for its name alone";
  EXPECT_EQ(outbox().Find(rows[1].id)->destination, "ARCHIVE");
  EXPECT_EQ(outbox().Find(rows[1].id)->state, OutboxState::kParked);
  EXPECT_EQ(outbox().Find(rows[2].id)->destination, "WEB");
  EXPECT_EQ(outbox().Due("ARCHIVE", 9).size(), 1U);
  EXPECT_TRUE(outbox().Due("PACS", 9).empty());
}

TEST_F(OutboxTest, ADeliveredRowIsNotDue) {
  const auto row = Deliver(1, {{"PACS", 0, 1, ""}}).at(0);
  outbox().MarkDelivered(row.id, "0x0000", *row.fallback_sop_instance_uid);
  EXPECT_TRUE(outbox().DueDestinations().empty());
  EXPECT_EQ(outbox().Find(row.id)->state, OutboxState::kDelivered);
  EXPECT_EQ(outbox().Find(row.id)->attempts, 1);
  EXPECT_EQ(outbox().Find(row.id)->last_status, "0x0000");
  EXPECT_EQ(CodeOf([&] { outbox().MarkRetry(row.id, "0xA700", 1s); }), ErrorCode::kConflict);
  outbox().Release(row.id, ProcessUser());
  EXPECT_EQ(outbox().Due("PACS", 1).size(), 1U);
}

TEST_F(OutboxTest, BacksOffUntilDueOrRebooted) {
  const auto row = Deliver(1, {{"PACS", 0, std::nullopt, ""}}).at(0);
  outbox().MarkRetry(row.id, "connection refused", 30s);
  EXPECT_TRUE(outbox().Due("PACS", 1).empty());
  clock_.Advance(10s);
  EXPECT_EQ(outbox().Find(row.id)->due_in, 20s);
  EXPECT_EQ(outbox().Find(row.id)->attempts, 1);
  clock_.Advance(20s);
  EXPECT_EQ(outbox().Due("PACS", 1).size(), 1U);
  outbox().MarkRetry(row.id, "connection refused", 1h);
  clock_.Reboot();
  EXPECT_EQ(outbox().Due("PACS", 1).size(), 1U);
  EXPECT_EQ(outbox().Find(row.id)->due_in, 0s);
}

TEST_F(OutboxTest, ParkedRowWaitsForAPerson) {
  const auto row = Deliver(1, {{"PACS", 0, std::nullopt, ""}}).at(0);
  outbox().MarkParked(row.id, "0xA900", "refused by the peer");
  clock_.Advance(24h);
  EXPECT_TRUE(outbox().DueDestinations().empty());
  EXPECT_EQ(outbox().Find(row.id)->reason, "refused by the peer");
  outbox().Release(row.id, ProcessUser());
  const auto due = outbox().Due("PACS", 1);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].attempts, 0);
}

TEST_F(OutboxTest, NothingReleasesAWithheldRow) {
  const auto row = Deliver(1, {{"PACS", 0, std::nullopt, "the package is not clinical"}}).at(0);
  EXPECT_EQ(row.state, OutboxState::kWithheld);
  EXPECT_EQ(row.reason, "the package is not clinical");
  EXPECT_TRUE(outbox().Due("PACS", 1).empty());
  EXPECT_EQ(CodeOf([&] { outbox().Release(row.id, ProcessUser()); }), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf([&] { outbox().MarkRetry(row.id, "x", 0s); }), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf([&] { outbox().MarkParked(row.id, "x", "y"); }), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf([&] { outbox().MarkDelivered(row.id, "x", Uid("1")); }), ErrorCode::kConflict);
  EXPECT_EQ(outbox().Find(row.id)->state, OutboxState::kWithheld);
  EXPECT_EQ(CodeOf([&] { outbox().Release(4711, ProcessUser()); }), ErrorCode::kNotFound);
}

TEST_F(OutboxTest, KnowsOurOwnResults) {
  Deliver(1, {});
  EXPECT_TRUE(outbox().IsOurs(Uid("1.3.1.2")));
  EXPECT_FALSE(outbox().IsOurs(Uid("1.2.1.1.1")));
}

}  // namespace
}  // namespace necknode::storage
