#include "storage/store.h"

#include <atomic>
#include <thread>

#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

class StoreFolderTest : public StoreTest {
 protected:
  std::unique_ptr<ObjectWriter> Written(unsigned seed,
                                        std::size_t size,
                                        ObjectKind kind = ObjectKind::kReceived) {
    auto file = store_->objects().Create(kind);
    file->Write(SomeBytes(seed, size));
    return file;
  }
};

TEST_F(StoreFolderTest, KeepsEverythingWhenReopened) {
  const Job job = MakeJob(1);
  store_->Audit({"association", "PACS", "success", "from 10.0.0.1"});
  Reopen();
  EXPECT_EQ(Study(1).instances, 2);
  EXPECT_EQ(store_->jobs().Find(job.id)->key, job.key);
  const auto trail = store_->AuditTrail(1);
  ASSERT_EQ(trail.size(), 1U);
  EXPECT_EQ(trail[0].event.detail, "from 10.0.0.1");
  EXPECT_EQ(trail[0].time, clock_.Now());
}

TEST_F(StoreFolderTest, LeavesNoProbeBehind) {
  Reopen();
  for (const auto& entry : std::filesystem::directory_iterator(Options().folder)) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("probe"));
  }
}

TEST_F(StoreFolderTest, RefusesAFolderThatIsAFile) {
  auto options = Options();
  options.folder = Options().folder / "necknode.db";
  EXPECT_EQ(CodeOf([&] { static_cast<void>(Store::Open(options, clock_)); }),
            ErrorCode::kStorageFailed);
}

TEST_F(StoreFolderTest, KeepsTheLastWordOfEachRole) {
  store_->ReportRole({"sender", 10, clock_.Now(), clock_.Now(), "idle"});
  clock_.Advance(5s);
  store_->ReportRole({"sender", 11, clock_.Now(), clock_.Now(), "2 rows"});
  store_->ReportRole({"receiver", 12, clock_.Now(), clock_.Now(), ""});
  const auto roles = store_->Roles();
  ASSERT_EQ(roles.size(), 2U);
  EXPECT_EQ(roles[1].role, "sender");
  EXPECT_EQ(roles[1].pid, 11);
  EXPECT_EQ(roles[1].text, "2 rows");
  EXPECT_EQ(roles[1].updated, clock_.Now());
}

TEST_F(StoreFolderTest, PackagesAreWhatTheWorkerSaidLast) {
  store_->ReportPackages({{"a/1", "d1", true, true, "", "{}"}, {"b/1", "d2", false, true, "", ""}});
  store_->ReportPackages({{"b/1", "d3", false, false, "digest differs", "{\"x\":1}"}});
  const auto packages = store_->Packages();
  ASSERT_EQ(packages.size(), 1U);
  EXPECT_EQ(packages[0].digest, "d3");
  EXPECT_FALSE(packages[0].usable);
  EXPECT_EQ(packages[0].reason, "digest differs");
  EXPECT_EQ(packages[0].limits_json, "{\"x\":1}");
}

TEST_F(StoreFolderTest, QuarantineKeepsTheNewestWithinItsLimit) {
  store_.reset();
  auto options = Options();
  options.quarantine_limit_bytes = 1000;
  store_ = Store::Open(options, clock_);
  for (unsigned seed = 1; seed <= 3; ++seed)
    store_->Quarantine(Written(seed, 400), "PACS", "why");
  store_->Quarantine(Written(4, 2000), "PACS", "larger than all");
  store_->Quarantine(Written(5, 2000, ObjectKind::kQuarantine), "PACS", "larger than all");
  const auto kept = store_->QuarantineList(0);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(store_->objects().Read(ObjectKind::kQuarantine, kept[0].object_key), SomeBytes(3, 400));
  EXPECT_EQ(store_->objects().Read(ObjectKind::kQuarantine, kept[1].object_key), SomeBytes(2, 400));
  EXPECT_EQ(FilesIn("quarantine"), 2U);
  EXPECT_EQ(FilesIn("objects"), 0U);
  EXPECT_EQ(store_->AuditTrail(1).at(0).event.outcome, "too large to keep");
}

TEST_F(StoreFolderTest, SweepsOnlyFilesThatNoRowNames) {
  Add(CtHeader(1, 1), 1);
  Add(CtHeader(1, 1), 2);  // the older revision keeps its file
  const Job job = MakeJob(2);
  const auto lent = store_->jobs().Acquire("w", 1min);
  JobResult result;
  result.results = {StoreResult("SR", "1.3.1")};
  store_->jobs().Finish({lent->id, lent->attempt}, result);
  Written(8, 10)->Sync();
  StoreResult("SR", "1.3.9");
  EXPECT_EQ(store_->SweepOrphans(ObjectKind::kReceived), 1);
  EXPECT_EQ(store_->SweepOrphans(ObjectKind::kResult), 1);
  EXPECT_EQ(store_->SweepOrphans(ObjectKind::kReceived), 0);
  EXPECT_EQ(FilesIn("objects"), 4U);
  EXPECT_EQ(store_->objects().Read(ObjectKind::kResult,
                                   store_->jobs().ResultsOf(job.id).at(0).object_key),
            SomeBytes(99, 100));
}

TEST_F(StoreFolderTest, CheckpointEmptiesTheLog) {
  Add(CtHeader(1, 1), 1);
  const auto log = Options().folder / "necknode.db-wal";
  EXPECT_GT(std::filesystem::file_size(log), 0U);
  EXPECT_TRUE(store_->Checkpoint());
  EXPECT_EQ(std::filesystem::file_size(log), 0U);
  EXPECT_EQ(Study(1).instances, 1);
}

// Each Store has its own connections and its own descriptor of write.lock, as two processes have.
TEST_F(StoreFolderTest, TwoStoresWriteAtOnceBesideCheckpoints) {
  constexpr int kEach = 60;
  const auto other = Store::Open(Options(), clock_);
  std::atomic<int> stored{0};
  {
    const auto write = [&](Store& store, int study) {
      const auto committer = store.MakeCommitter();
      for (int number = 0; number < kEach; ++number) {
        const auto seed = static_cast<unsigned>(study * 1000 + number);
        const auto added =
            AddTo(*committer, Received(store, CtHeader(study, number), SomeBytes(seed, 300)));
        stored += added.outcome == AddOutcome::kStored ? 1 : 0;
      }
    };
    const std::jthread checkpoints([&](const std::stop_token& stop) {
      const auto third = Store::Open(Options(), clock_);
      while (!stop.stop_requested()) {
        third->Checkpoint();
        static_cast<void>(third->studies().List(0));
        std::this_thread::yield();
      }
    });
    const std::jthread one([&] { write(*store_, 1); });
    const std::jthread two([&] { write(*other, 2); });
  }
  EXPECT_EQ(stored, 2 * kEach);
  EXPECT_EQ(store_->studies().Instances(Study(1).id).size(), 60U);
  EXPECT_EQ(other->studies().Instances(Study(2).id).size(), 60U);
}

}  // namespace
}  // namespace necknode::storage
