#include "storage/commitments.h"

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

using Kind = CommitmentVerdict::Kind;

class CommitmentsTest : public StoreTest {
 protected:
  Commitments& commitments() { return store_->commitments(); }
  OutboxRow Row(const OutboxRow& row) { return *store_->outbox().Find(row.id); }

  // Two documents that PACS has and is to commit itself to.
  std::vector<OutboxRow> DeliverTwo() {
    MakeJob(1);
    const auto lent = store_->jobs().Acquire("w", 1min);
    JobResult result;
    result.results = {StoreResult("SR", "1.3.1"), StoreResult("PR", "1.3.2")};
    result.deliveries = {{"PACS", 0, std::nullopt, ""}, {"PACS", 1, std::nullopt, ""}};
    EXPECT_TRUE(store_->jobs().Finish({lent->id, lent->attempt}, result));
    const auto rows = store_->outbox().OfJob(lent->id);
    for (const auto& row : rows)
      store_->outbox().MarkDelivered(row.id, "0x0000", row.sop_instance_uid, true);
    return rows;
  }
};

TEST_F(CommitmentsTest, AsksForWhatWasDeliveredAndSettlesEachByTheReport) {
  const auto rows = DeliverTwo();
  EXPECT_EQ(commitments().DueDestinations(), std::vector<std::string>{"PACS"});
  const auto commitment = commitments().Next("PACS", Uid("1.9"));
  ASSERT_TRUE(commitment);
  EXPECT_EQ(commitment->items,
            (std::vector<SopReference>{{rows[0].sop_class_uid, Uid("1.3.1")},
                                       {rows[1].sop_class_uid, Uid("1.3.2")}}));
  commitments().MarkAsked(commitment->id, "0x0000");
  EXPECT_TRUE(commitments().DueDestinations().empty());
  EXPECT_EQ(Row(rows[0]).commitment, "asked");
  EXPECT_FALSE(commitments().HasEnded(commitment->id));
  EXPECT_FALSE(commitments().Settle(Uid("1.8"), {}, 30s));
  EXPECT_TRUE(commitments().Settle(
      Uid("1.9"),
      {{Uid("1.3.1"), Kind::kCommitted, "0x0000"}, {Uid("1.3.2"), Kind::kSendAgain, "0x0112"}},
      30s));
  EXPECT_TRUE(commitments().HasEnded(commitment->id));
  EXPECT_EQ(Row(rows[0]).commitment, "committed");
  EXPECT_EQ(Row(rows[1]).state, OutboxState::kWaiting);
  EXPECT_EQ(Row(rows[1]).due_in, 30s);
  EXPECT_EQ(Row(rows[1]).last_status, "not committed: 0x0112");
}

TEST_F(CommitmentsTest, AReportBeforeTheAnswerAndASecondOneChangeNothingMore) {
  const auto rows = DeliverTwo();
  const auto commitment = commitments().Next("PACS", Uid("1.9"));
  const std::vector<CommitmentVerdict> all = {{Uid("1.3.1"), Kind::kCommitted, ""},
                                              {Uid("1.3.2"), Kind::kCommitted, ""}};
  EXPECT_TRUE(commitments().Settle(Uid("1.9"), all, 0s));
  commitments().MarkAsked(commitment->id, "0x0000");
  EXPECT_TRUE(commitments().Settle(Uid("1.9"), {{Uid("1.3.1"), Kind::kPark, "0x0119"}}, 0s));
  EXPECT_EQ(Row(rows[0]).state, OutboxState::kDelivered);
  EXPECT_EQ(Row(rows[0]).commitment, "committed");
  EXPECT_FALSE(commitments().Next("PACS", Uid("1.10")));
}

TEST_F(CommitmentsTest, TheQuestionIsAskedAgainAfterItsBackoffAndARestart) {
  DeliverTwo();
  const auto first = commitments().Next("PACS", Uid("1.9"));
  commitments().MarkRetry(first->id, "connection refused", 30s);
  EXPECT_FALSE(commitments().Next("PACS", Uid("1.10")));
  Reopen();
  clock_.Advance(30s);
  EXPECT_EQ(commitments().DueDestinations(), std::vector<std::string>{"PACS"});
  const auto again = commitments().Next("PACS", Uid("1.11"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->transaction_uid, Uid("1.9"));
  EXPECT_EQ(again->attempts, 1);
  EXPECT_EQ(again->items.size(), 2U);
}

TEST_F(CommitmentsTest, WithoutAReportInTimeItAsksAgainAndParksAtLast) {
  const auto rows = DeliverTwo();
  for (int round = 0; round < Commitments::kMostTries; ++round) {
    const auto commitment = commitments().Next("PACS", Uid("1.9." + std::to_string(round)));
    ASSERT_TRUE(commitment) << round;
    commitments().MarkAsked(commitment->id, "0x0000");
    clock_.Advance(2h);
    EXPECT_EQ(commitments().Expire(3h), 0);
    clock_.Advance(1h);
    EXPECT_EQ(commitments().Expire(3h), 1);
  }
  EXPECT_FALSE(commitments().Next("PACS", Uid("1.10")));
  EXPECT_EQ(Row(rows[0]).state, OutboxState::kParked);
  EXPECT_NE(Row(rows[0]).reason.find("no report in time"), std::string::npos);
  store_->outbox().Release(rows[0].id, ProcessUser());
  EXPECT_EQ(Row(rows[0]).state, OutboxState::kWaiting);
  EXPECT_EQ(Row(rows[0]).commitment, "none");
}

TEST_F(CommitmentsTest, ARefusalParksTheDocuments) {
  const auto rows = DeliverTwo();
  const auto commitment = commitments().Next("PACS", Uid("1.9"));
  commitments().MarkRefused(commitment->id, "0x0124", "no storage commitment");
  EXPECT_EQ(Row(rows[1]).state, OutboxState::kParked);
  EXPECT_EQ(Row(rows[1]).reason, "no storage commitment");
  EXPECT_TRUE(commitments().DueDestinations().empty());
}

TEST_F(CommitmentsTest, AReportDoesNotTouchADocumentThatIsOnItsWayAgain) {
  const auto rows = DeliverTwo();
  commitments().MarkAsked(commitments().Next("PACS", Uid("1.9"))->id, "0x0000");
  store_->outbox().Release(rows[0].id, ProcessUser());
  EXPECT_TRUE(commitments().Settle(Uid("1.9"), {{Uid("1.3.1"), Kind::kCommitted, ""}}, 0s));
  EXPECT_EQ(Row(rows[0]).state, OutboxState::kWaiting);
  EXPECT_EQ(Row(rows[0]).commitment, "none");
  EXPECT_EQ(Row(rows[1]).commitment, "wanted");  // the report did not name it
}

TEST_F(CommitmentsTest, RetentionWaitsForTheReport) {
  DeliverTwo();
  clock_.Advance(24h * 100);
  EXPECT_EQ(store_->RemoveExpired({24h * 30, 0}).studies, 0);
  commitments().Next("PACS", Uid("1.9"));
  EXPECT_EQ(store_->RemoveExpired({1ms, 0}).studies, 0);
  commitments().Settle(
      Uid("1.9"), {{Uid("1.3.1"), Kind::kCommitted, ""}, {Uid("1.3.2"), Kind::kCommitted, ""}}, 0s);
  clock_.Advance(24h * 100);
  EXPECT_EQ(store_->RemoveExpired({24h * 30, 0}).studies, 1);
}

}  // namespace
}  // namespace necknode::storage
