#include "storage/counters.h"

#include <gmock/gmock.h>

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

std::vector<CounterSample> SomeCounters() {
  CounterSet counted;
  counted.Add("necknode_a_total", {{"destination", "p\ta\\c\ns"}, {"outcome", ""}}, 3);
  counted.Add("necknode_b_total", {}, 1e15 + 1);
  counted.Observe("necknode_c_seconds", {{"stage", "read prior"}}, 0.3);
  counted.Observe("necknode_c_seconds", {{"stage", "read prior"}}, 1e6);
  return counted.Snapshot();
}

TEST(EncodeCounters, IsReadBackAsItWas) {
  EXPECT_EQ(DecodeCounters(EncodeCounters(SomeCounters())), SomeCounters());
  EXPECT_TRUE(DecodeCounters("").empty());
}

TEST(DecodeCounters, LeavesOutLinesThatMakeNoSense) {
  EXPECT_THAT(DecodeCounters("\n\t1\t\nx\nx\ty\t\nx\t1\t1,2,3\nx\t1\t1,\nx\t1\t\tlabel\nx\tnan\t\n"
                             "x\t1e999\t\nx\t-1\tz\ngood\t2\t"),
              testing::ElementsAre(CounterSample{"good", {}, 2}));
}

class RoleCountersTest : public StoreTest {
 protected:
  void Report(int pid, std::vector<CounterSample> counters, bool died = false) {
    RoleStatus status;
    status.role = "worker";
    status.pid = pid;
    status.started = status.updated = clock_.Now();
    status.counters = std::move(counters);
    status.died = died;
    store_->ReportRole(status);
  }
  RoleStatus Role() { return store_->Roles().at(0); }
};

TEST_F(RoleCountersTest, StandBesideTheRolesLineAndOutliveItsEnd) {
  Report(7, SomeCounters());
  Reopen();
  EXPECT_EQ(Role().counters, SomeCounters());
  Report(0, {});
  EXPECT_EQ(Role().counters, SomeCounters()) << "whoever notes the end does not know them";
  Report(8, {{"necknode_a_total", {}, 1}});
  EXPECT_EQ(Role().counters.size(), 1U) << "a new process begins anew";
  Report(9, {});
  EXPECT_TRUE(Role().counters.empty());
}

TEST_F(RoleCountersTest, CountDeathsOverAllStarts) {
  Report(7, {});
  Report(0, {}, true);
  Report(8, {});
  Report(0, {}, true);
  Report(9, {});
  Report(0, {});
  EXPECT_EQ(Role().restarts, 2);
}

class FiguresTest : public StoreTest {};

TEST_F(FiguresTest, AreZeroOfAnEmptyNode) {
  const NodeFigures figures = store_->Figures();
  EXPECT_EQ(figures.studies.at("parked"), 0);
  EXPECT_EQ(figures.jobs.at("queued"), 0);
  EXPECT_EQ(figures.jobs.size(), 9U);
  EXPECT_TRUE(figures.outbox.empty());
  EXPECT_EQ(figures.quarantine_bytes, 0U);
  EXPECT_EQ(figures.oldest_queued_s, 0);
}

TEST_F(FiguresTest, TellHowMuchLiesWhereAndForHowLong) {
  MakeJob(1);
  clock_.Advance(10s);
  MakeJob(2);
  clock_.Advance(5s);
  NodeFigures figures = store_->Figures();
  EXPECT_EQ(figures.jobs.at("queued"), 2);
  EXPECT_DOUBLE_EQ(figures.oldest_queued_s, 15);
  const auto lent = store_->jobs().Acquire("w", 1min);
  JobResult result;
  result.results = {StoreResult("SR", "1.3.1")};
  result.deliveries = {{"PACS", 0, std::nullopt, ""}, {"ARCHIVE", 0, std::nullopt, "not clinical"}};
  ASSERT_TRUE(store_->jobs().Finish({lent->id, lent->attempt}, result));
  clock_.Advance(2s);
  auto file = store_->objects().Create(ObjectKind::kQuarantine);
  file->Write(SomeBytes(1, 300));
  store_->Quarantine(std::move(file), "PACS", "odd");
  store_->audit_feed().MarkSent("syslog:6514", 1);
  figures = store_->Figures();
  EXPECT_EQ(figures.jobs.at("queued"), 1);
  EXPECT_EQ(figures.jobs.at("done"), 1);
  EXPECT_DOUBLE_EQ(figures.oldest_queued_s, 7) << "the other one is done";
  EXPECT_EQ(figures.outbox.at({"PACS", "waiting"}), 1);
  EXPECT_EQ(figures.outbox.at({"ARCHIVE", "withheld"}), 1);
  EXPECT_DOUBLE_EQ(figures.oldest_waiting_s.at("PACS"), 2);
  EXPECT_FALSE(figures.oldest_waiting_s.contains("ARCHIVE"));
  EXPECT_EQ(figures.quarantine_objects, 1);
  EXPECT_EQ(figures.quarantine_bytes, 300U);
  EXPECT_EQ(figures.audit_unsent.at("syslog:6514"),
            store_->audit_feed().CountUnsent("syslog:6514"));
}

TEST_F(FiguresTest, CountTheWaitFromWhenAPersonHadItDoneAgain) {
  const std::int64_t job = MakeJob(1).id;
  store_->jobs().Cancel(job, "anna");
  clock_.Advance(24h);
  store_->jobs().Requeue(job, "anna");
  clock_.Advance(3s);
  EXPECT_DOUBLE_EQ(store_->Figures().oldest_queued_s, 3);
  const auto lent = store_->jobs().Acquire("w", 1min);
  JobResult result;
  result.results = {StoreResult("SR", "1.3.1")};
  result.deliveries = {{"PACS", 0, std::nullopt, ""}};
  ASSERT_TRUE(store_->jobs().Finish({lent->id, lent->attempt}, result));
  store_->outbox().MarkDelivered(1, "0x0000", Uid("1.3.1"));
  clock_.Advance(24h);
  store_->outbox().Release(1, "anna");
  clock_.Advance(4s);
  EXPECT_DOUBLE_EQ(store_->Figures().oldest_waiting_s.at("PACS"), 4);
  EXPECT_EQ(store_->catalog().Counts().outbox.at(0).oldest_waiting, 4s);
  store_->outbox().Release(1, "anna");
  clock_.Advance(1s);
  EXPECT_DOUBLE_EQ(store_->Figures().oldest_waiting_s.at("PACS"), 5)
      << "it has waited all the time";
}

class SinceLastSliceTest : public StoreTest {};

TEST_F(SinceLastSliceTest, IsToldOnceWhenADestinationGetsTheLastResultOfAJob) {
  MakeJob(1);
  clock_.Advance(30s);
  const auto lent = store_->jobs().Acquire("w", 1min);
  JobResult result;
  result.results = {StoreResult("SR", "1.3.1"), StoreResult("PR", "1.3.2")};
  result.deliveries = {
      {"PACS", 0, std::nullopt, ""}, {"PACS", 1, std::nullopt, ""}, {"OTHER", 0, std::nullopt, ""}};
  ASSERT_TRUE(store_->jobs().Finish({lent->id, lent->attempt}, result));
  const auto rows = store_->outbox().OfJob(lent->id);
  auto& outbox = store_->outbox();
  EXPECT_FALSE(outbox.SinceLastSlice(rows[0].id)) << "the picture is still to come";
  outbox.MarkDelivered(rows[0].id, "0x0000", Uid("1.3.1"));
  clock_.Advance(5s);
  EXPECT_EQ(outbox.SinceLastSlice(rows[1].id), 35s);
  EXPECT_EQ(outbox.SinceLastSlice(rows[2].id), 35s);
  outbox.MarkDelivered(rows[1].id, "0x0000", Uid("1.3.2"));
  outbox.Release(rows[1].id, "anna");
  EXPECT_FALSE(outbox.SinceLastSlice(rows[1].id)) << "sent again by a person";
  EXPECT_FALSE(outbox.SinceLastSlice(999));
}

TEST_F(FiguresTest, KnowTheDisk) {
  const DiskSpace space = store_->objects().Disk();
  EXPECT_GT(space.capacity_bytes, 0U);
  EXPECT_LE(space.free_bytes, space.capacity_bytes);
  EXPECT_EQ(space.reserve_bytes, 0U);
}

}  // namespace
}  // namespace necknode::storage
