#include "storage/commitment_requests.h"

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

constexpr std::chrono::milliseconds kYear = 24h * 365;

class CommitmentRequestsTest : public StoreTest {
 protected:
  CommitmentRequests& requests() { return store_->commitment_requests(); }
  SopReference Slice(int number) {
    const auto header = CtHeader(1, number);
    return {header.sop_class_uid, header.sop_instance_uid};
  }
  std::string DigestOf(int number) {
    return requests().FindStored(CtHeader(1, number).sop_instance_uid)->file_digest;
  }
};

TEST_F(CommitmentRequestsTest, AreKeptJudgedAndReportedOnce) {
  Add(CtHeader(1, 1), 1);
  const auto id = requests().Add(Uid("1.9"), "CT1", "NECKNODE", {Slice(1), Slice(2)}, 10s);
  ASSERT_TRUE(id);
  Reopen();
  EXPECT_TRUE(requests().DueCallingAes().empty());
  clock_.Advance(10s);
  EXPECT_EQ(requests().DueCallingAes(), std::vector<std::string>{"CT1"});
  EXPECT_EQ(requests().Due("CT1"), std::vector<std::int64_t>{*id});
  EXPECT_TRUE(requests().Due("CT2").empty());
  EXPECT_FALSE(requests().FindStored(Slice(2).sop_instance_uid));
  requests().Judge(*id, {{0, DigestOf(1)}, {kNoSuchObjectInstance, ""}}, kYear);
  const auto judged = requests().Find(*id);
  EXPECT_TRUE(judged->judged);
  EXPECT_EQ(judged->called_ae, "NECKNODE");
  EXPECT_EQ(judged->items[0].failure_reason, 0);
  EXPECT_EQ(judged->items[1].failure_reason, kNoSuchObjectInstance);
  requests().MarkRetry(*id, "timeout", 30s);
  EXPECT_TRUE(requests().Due("CT1").empty());
  EXPECT_EQ(requests().Find(*id)->attempts, 1);
  const auto other = requests().Add(Uid("1.10"), "CT2", "NECKNODE", {Slice(3)}, 1h);
  ASSERT_EQ(requests().List(0).size(), 2U);
  EXPECT_EQ(requests().List(1).at(0).id, other);
  const auto row = requests().List(0).at(1);
  EXPECT_EQ(row.transaction_uid, Uid("1.9"));
  EXPECT_EQ(row.calling_ae, "CT1");
  EXPECT_EQ(row.state, "waiting");
  EXPECT_TRUE(row.judged);
  EXPECT_EQ(row.instances, 2);
  EXPECT_EQ(row.failed, 1);
  EXPECT_EQ(row.last_status, "timeout");
  clock_.Advance(30s);
  requests().MarkReported(*id);
  EXPECT_TRUE(requests().DueCallingAes().empty());
}

TEST_F(CommitmentRequestsTest, TheSameTransactionIsReportedAgainAndAnotherUnderItsUidRefused) {
  Add(CtHeader(1, 1), 1);
  const auto id = requests().Add(Uid("1.9"), "CT1", "NECKNODE", {Slice(1)}, 0s);
  requests().Judge(*id, {{0, DigestOf(1)}}, kYear);
  requests().MarkReported(*id);
  EXPECT_EQ(requests().Add(Uid("1.9"), "CT1", "NECKNODE", {Slice(1)}, 0s), id);
  EXPECT_FALSE(requests().Find(*id)->judged);
  EXPECT_EQ(requests().Due("CT1").size(), 1U);
  EXPECT_FALSE(requests().Add(Uid("1.9"), "CT1", "NECKNODE", {Slice(2)}, 0s));
  const auto two = requests().Add(Uid("1.10"), "CT1", "NECKNODE", {Slice(1), Slice(2)}, 0s);
  EXPECT_EQ(requests().Add(Uid("1.10"), "CT1", "NECKNODE", {Slice(2), Slice(1)}, 0s), two);
  EXPECT_TRUE(requests().Add(Uid("1.9"), "CT2", "NECKNODE", {Slice(2)}, 0s));
}

TEST_F(CommitmentRequestsTest, WhatChangedOrWentBeforeTheJudgementIsNotCommitted) {
  Add(CtHeader(1, 1), 1);
  const auto id = requests().Add(Uid("1.9"), "CT1", "NECKNODE", {Slice(1)}, 0s);
  const std::string digest = DigestOf(1);
  Add(CtHeader(1, 1), 2);  // a new revision
  requests().Judge(*id, {{0, digest}}, kYear);
  EXPECT_EQ(requests().Find(*id)->items[0].failure_reason, kNoSuchObjectInstance);
}

TEST_F(CommitmentRequestsTest, RetentionSparesWhatWasCommittedUntilThePeriodIsOver) {
  Add(CtHeader(1, 1), 1);
  EXPECT_TRUE(store_->studies().Decide(Study(1).id, Study(1).change, {}, {}, ""));
  const auto id = requests().Add(Uid("1.9"), "CT1", "NECKNODE", {Slice(1)}, 0s);
  requests().Judge(*id, {{0, DigestOf(1)}}, kYear);
  clock_.Advance(kYear - 1h);
  EXPECT_EQ(store_->RemoveExpired({1h, 1}).studies, 0);
  clock_.Advance(2h);
  EXPECT_EQ(store_->RemoveExpired({1h, 0}).studies, 1);
}

TEST_F(CommitmentRequestsTest, WhatWasAnsweredIsForgottenInTheEnd) {
  const auto done = requests().Add(Uid("1.9"), "CT1", "NECKNODE", {Slice(1)}, 0s);
  const auto open = requests().Add(Uid("1.10"), "CT1", "NECKNODE", {Slice(1)}, 0s);
  requests().MarkReported(*done);
  clock_.Advance(2h);
  requests().Forget(3h);
  EXPECT_TRUE(requests().Find(*done));
  requests().Forget(1h);
  requests().Forget(1h);
  EXPECT_FALSE(requests().Find(*done));
  EXPECT_TRUE(requests().Find(*open));
}

TEST_F(CommitmentRequestsTest, AParkedRequestIsNotDue) {
  const auto id = requests().Add(Uid("1.9"), "CT1", "NECKNODE", {Slice(1)}, 0s);
  requests().MarkParked(*id, "no such peer", "no configured peer");
  EXPECT_TRUE(requests().DueCallingAes().empty());
}

}  // namespace
}  // namespace necknode::storage
