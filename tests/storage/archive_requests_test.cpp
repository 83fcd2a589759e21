#include "storage/archive_requests.h"

#include <gmock/gmock.h>

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Progress = CountState::Progress;

class ArchiveRequestsTest : public StoreTest {
 protected:
  ArchiveRequestsTest() { Add(CtHeader(1, 1), 1); }
  ArchiveRequests& requests() { return store_->archive_requests(); }
  void Ask(std::int64_t change = 1) { requests().AskCounts(Study(1).id, "pacs", change); }
  std::optional<ArchiveRequest> Begin(const std::string& peer = "pacs") {
    return requests().Begin(ArchiveRequestKind::kCount, peer);
  }
  CountState State() { return requests().Counts(Study(1).id, "pacs").value(); }
};

TEST_F(ArchiveRequestsTest, AnAnswerIsKeptWithTheChangeForWhichWasAsked) {
  EXPECT_FALSE(requests().Counts(Study(1).id, "pacs"));
  EXPECT_FALSE(Begin());
  Ask(7);
  const auto request = Begin();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->study_instance_uid, Uid("1.2.1"));
  EXPECT_EQ(request->change, 7);
  EXPECT_EQ(request->tries, 1);
  EXPECT_FALSE(Begin());  // it is lent
  const std::vector<SeriesCount> counts = {{Uid("1.2.1.1"), 80}, {Uid("1.2.1.2"), std::nullopt}};
  EXPECT_TRUE(requests().AnswerCounts(*request, counts));
  clock_.Advance(3s);
  Reopen();
  EXPECT_EQ(State().progress, Progress::kAnswered);
  EXPECT_EQ(State().change, 7);
  EXPECT_EQ(State().series, counts);
  EXPECT_EQ(State().answered_ago, 3s);
  clock_.Advance(1h);
  EXPECT_FALSE(Begin());
}

TEST_F(ArchiveRequestsTest, OneArchiveAndOneKindIsNotTheOthers) {
  Ask();
  EXPECT_FALSE(Begin("other"));
  EXPECT_FALSE(requests().Begin(ArchiveRequestKind::kPriors, "pacs"));
  EXPECT_TRUE(Begin());
}

TEST_F(ArchiveRequestsTest, AFailureIsTriedAgainAfterAPauseAndThreeEndIt) {
  Ask();
  EXPECT_TRUE(requests().Fail(*Begin(), "connection refused", true));
  EXPECT_EQ(State().progress, Progress::kWaiting);
  EXPECT_EQ(State().reason, "connection refused");
  clock_.Advance(4999ms);
  EXPECT_FALSE(Begin());
  clock_.Advance(1ms);
  EXPECT_TRUE(requests().Fail(*Begin(), "timeout", true));
  clock_.Advance(59s);
  EXPECT_FALSE(Begin());
  clock_.Advance(1s);
  const auto third = Begin();
  EXPECT_EQ(third->tries, kMaxArchiveTries);
  EXPECT_TRUE(requests().Fail(*third, "timeout", true));
  EXPECT_EQ(State().progress, Progress::kFailed);
  clock_.Advance(1h);
  EXPECT_FALSE(Begin());
}

TEST_F(ArchiveRequestsTest, ARetrieverThatDiesEachTimeIsNotAskedAFourthTime) {
  Ask();
  for (int attempt = 1; attempt <= kMaxArchiveTries; ++attempt) {
    const auto request = Begin();
    ASSERT_TRUE(request) << attempt;
    EXPECT_EQ(request->tries, attempt);
    Reopen();
    clock_.Advance(1min);
  }
  EXPECT_FALSE(Begin());
  EXPECT_EQ(State().progress, Progress::kFailed);
}

TEST_F(ArchiveRequestsTest, WhatCannotSucceedIsNotTriedAgain) {
  Ask();
  EXPECT_TRUE(requests().Fail(*Begin(), "rejected permanently", false));
  EXPECT_EQ(State().progress, Progress::kFailed);
  EXPECT_EQ(State().reason, "rejected permanently");
}

TEST_F(ArchiveRequestsTest, AnAnswerToAnOlderQuestionChangesNothing) {
  Ask(1);
  const auto old = Begin();
  Ask(2);
  EXPECT_FALSE(requests().AnswerCounts(*old, {{Uid("1.2.1.1"), 5}}));
  EXPECT_FALSE(requests().Fail(*old, "timeout", true));
  EXPECT_EQ(State().progress, Progress::kWaiting);
  EXPECT_THAT(State().series, IsEmpty());
  const auto now = Begin();  // at once, and with all its tries
  ASSERT_TRUE(now);
  EXPECT_EQ(now->change, 2);
  EXPECT_EQ(now->tries, 1);
}

TEST_F(ArchiveRequestsTest, TheNewestAnswerStaysWhileTheNextIsAwaited) {
  Ask(1);
  EXPECT_TRUE(requests().AnswerCounts(*Begin(), {{Uid("1.2.1.1"), 5}}));
  Ask(2);
  EXPECT_EQ(State().progress, Progress::kWaiting);
  EXPECT_THAT(State().series, ElementsAre(SeriesCount{Uid("1.2.1.1"), 5}));
  EXPECT_TRUE(requests().AnswerCounts(*Begin(), {{Uid("1.2.1.1"), 6}, {Uid("1.2.1.1"), 7}}));
  EXPECT_THAT(State().series, ElementsAre(SeriesCount{Uid("1.2.1.1"), 7}));
}

TEST_F(ArchiveRequestsTest, NewRequestsComeBeforeThoseThatFailedAndPausesEndWithTheBoot) {
  Ask();
  EXPECT_TRUE(requests().Fail(*Begin(), "timeout", true));
  Add(CtHeader(2, 1), 2);
  clock_.Reboot();
  Reopen();
  requests().AskCounts(Study(2).id, "pacs", 1);
  EXPECT_EQ(Begin()->study, Study(2).id);
  EXPECT_EQ(Begin()->study, Study(1).id);
}

}  // namespace
}  // namespace necknode::storage
