#include "storage/audit_trail.h"
#include "storage/connections.h"
#include "storage/schema.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class AuditFeedTest : public StoreTest {
 protected:
  void Write(int from, int to) {
    for (int i = from; i < to; ++i)
      store_->Audit({"test", "", "", std::to_string(i)});
  }
  std::string Unsent(const std::string& server, int limit = 0) {
    std::string details;
    for (const auto& entry : feed().Unsent(server, limit))
      details += entry.row.event.detail + " ";
    return details;
  }
  AuditFeed& feed() { return store_->audit_feed(); }
};

TEST_F(AuditFeedTest, GivesEachServerWhatItHasNotGotInOrder) {
  Write(0, 4);
  EXPECT_EQ(Unsent("a"), "0 1 2 3 ") << "a new server begins with the oldest row";
  EXPECT_EQ(Unsent("a", 2), "0 1 ");
  feed().MarkSent("a", feed().Unsent("a", 3).back().row.id);
  EXPECT_EQ(Unsent("a"), "3 ");
  EXPECT_EQ(feed().CountUnsent("a"), 1);
  EXPECT_EQ(feed().CountUnsent("b"), 4);
  EXPECT_EQ(Unsent("b"), "0 1 2 3 ");
}

TEST_F(AuditFeedTest, RemembersOverARestart) {
  Write(0, 3);
  feed().MarkSent("a", feed().Unsent("a", 2).back().row.id);
  Reopen();
  EXPECT_EQ(Unsent("a"), "2 ");
  feed().MarkSent("a", 1);
  EXPECT_EQ(Unsent("a"), "2 ") << "never goes back";
}

TEST_F(AuditFeedTest, FindsTheStudyThatARowNames) {
  auto header = CtHeader(1, 1);
  header.specific_character_set = "ISO_IR 100";
  header.patient_id = PatientText("M\xFC");
  Add(header, 1);
  AuditContext context;
  context.direction = AuditContext::Direction::kReceived;
  context.peer_ae = "PACS";
  context.own_ae = "NECKNODE";
  context.host = "192.0.2.1";
  context.user = "anna@here";
  context.study_instance_uid = Uid("1.2.1");
  context.instances = 5;
  context.sop_class_uid = "1.2.840.10008.5.1.4.1.1.2";
  store_->Audit({"transfer", "PACS", "stored", "", context});
  context.study_instance_uid = Uid("1.2.99");
  store_->Audit({"transfer", "PACS", "stored", "", context});
  const auto entries = feed().Unsent("a", 0);
  ASSERT_EQ(entries.size(), 2U);
  ASSERT_TRUE(entries[0].study.has_value());
  EXPECT_EQ(entries[0].study->study_instance_uid.value(), "1.2.1");
  EXPECT_EQ(entries[0].study->patient_id.Reveal(), "M\xFC");
  EXPECT_EQ(entries[0].study->specific_character_set, "ISO_IR 100");
  const AuditContext& kept = entries[0].row.event.context;
  EXPECT_EQ(kept.study, Study(1).id);
  EXPECT_EQ(kept.direction, AuditContext::Direction::kReceived);
  EXPECT_EQ(kept.peer_ae + kept.own_ae + kept.host + kept.user, "PACSNECKNODE192.0.2.1anna@here");
  EXPECT_EQ(kept.instances, 5);
  EXPECT_EQ(kept.sop_class_uid, context.sop_class_uid);
  EXPECT_FALSE(entries[1].study.has_value()) << "a study that was never stored";
}

TEST_F(AuditFeedTest, RetentionAndPeopleLeaveWhatAMessageNeeds) {
  const Job job = MakeJob(1);
  const auto lent = store_->jobs().Acquire("w", 1min);
  store_->jobs().Finish({lent->id, lent->attempt}, {});
  clock_.Advance(48h);
  ASSERT_EQ(store_->RemoveExpired({.max_age = 24h}).studies, 1);
  const auto removed = feed().Unsent("a", 0).back();
  EXPECT_EQ(removed.row.event.event, "retention");
  EXPECT_EQ(removed.row.event.context.instances, 2);
  EXPECT_EQ(removed.study.value().study_instance_uid.value(), "1.2.1") << "its row stays";

  MakeJob(2);
  const auto running = store_->jobs().Acquire("w", 1min);
  JobResult result;
  result.results = {StoreResult("SR", "1.3.1")};
  result.deliveries = {{"pacs", 0, std::nullopt, ""}};
  store_->jobs().Finish({running->id, running->attempt}, result);
  const auto row = store_->outbox().OfJob(running->id).at(0).id;
  store_->outbox().MarkParked(row, "0xA900", "refused");
  store_->outbox().Release(row, ProcessUser());
  const auto released = feed().Unsent("a", 0).back().row.event;
  EXPECT_EQ(released.event, "outbox");
  EXPECT_EQ(released.context.user, ProcessUser());
  EXPECT_NE(ProcessUser(), "");
}

TEST_F(AuditFeedTest, NamesTheLastConfiguration) {
  EXPECT_FALSE(feed().LastConfiguration().has_value());
  store_->Audit({"configuration", "serve", "first", "digest 1"});
  store_->Audit({"configuration", "serve", "changed", "digest 2"});
  Write(0, 2);
  EXPECT_EQ(feed().LastConfiguration()->event.detail, "digest 2");
}

TEST_F(AuditFeedTest, RowsOfAnOlderProgramAreSentWithoutAStudy) {
  const auto file = folder_.path() / "old.db";
  Database database(file, Database::Mode::kWriter);
  Migrate(database, SchemaMigrations().first(2), [](int) {});
  database.Run(
      "INSERT INTO audit (time_ms, event, subject, outcome, detail) VALUES (1, 'a', 'b', 'c', "
      "'d')");
  Migrate(database, SchemaMigrations(), [](int) {});
  EXPECT_EQ(
      database.Integer("SELECT COUNT(*) FROM audit WHERE direction = '' AND study_id IS NULL"), 1);
}

}  // namespace
}  // namespace necknode::storage
