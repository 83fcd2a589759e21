#include <csignal>
#include <cstdlib>
#include <map>

#include <sys/mount.h>
#include <sys/resource.h>

#include "tests/storage/failing_files.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

/// What was acknowledged: SOP Instance UID -> bytes.
using Acknowledged = std::map<Uid, std::vector<std::byte>>;

bool IsSuccess(AddOutcome outcome) {
  return outcome == AddOutcome::kStored || outcome == AddOutcome::kSameBytes ||
         outcome == AddOutcome::kNewRevision;
}

/// Every row has its file, and every acknowledged instance its bytes.
void ExpectWhole(Store& store, const Acknowledged& acknowledged) {
  std::map<Uid, std::string> keys;
  for (const auto& study : store.studies().List(0)) {
    for (const auto& instance : store.studies().Instances(study.id)) {
      keys[instance.header.sop_instance_uid] = instance.object_key;
      EXPECT_NO_THROW(
          static_cast<void>(store.objects().Read(ObjectKind::kReceived, instance.object_key)));
    }
  }
  for (const auto& [uid, bytes] : acknowledged) {
    ASSERT_TRUE(keys.contains(uid)) << "acknowledged and lost";
    EXPECT_EQ(store.objects().Read(ObjectKind::kReceived, keys[uid]), bytes);
  }
}

// Not a suite by itself: suites derive from it.
class FailingDisk : public testing::Test {
 protected:
  FailingDisk() {
    // Syncs are counted here, not relied on: in memory they take no time.
    if (std::filesystem::is_directory("/dev/shm"))
      ::setenv("TMPDIR", "/dev/shm", 1);
    NewFolder();
  }
  ~FailingDisk() override { ::unsetenv("TMPDIR"); }

  StoreOptions Options() {
    StoreOptions options;
    options.folder = folder_->path() / "data";
    options.reserve_bytes = 0;
    options.files = &files_;
    return options;
  }
  /// Sends one instance as the receiver does; notes it where it is acknowledged.
  AddOutcome Send(Store& store,
                  const InstanceHeader& header,
                  unsigned seed,
                  const std::string& calling_ae = "PACS") {
    try {
      const auto bytes = SomeBytes(seed, 1000);
      auto instance = Received(store, header, bytes, calling_ae);
      const auto path = store.objects().PathOf(ObjectKind::kReceived, instance.file->key());
      std::promise<AddOutcome> promise;
      const auto committer = store.MakeCommitter();
      committer->Submit(std::move(instance), [&](AddOutcome outcome, const std::string&) {
        const bool new_file = outcome == AddOutcome::kStored || outcome == AddOutcome::kNewRevision;
        EXPECT_TRUE(!new_file || files_.SurvivesPowerCut(path));
        promise.set_value(outcome);
      });
      const auto outcome = promise.get_future().get();
      if (IsSuccess(outcome))
        acknowledged_[header.sop_instance_uid] = bytes;
      return outcome;
    } catch (const Error& error) {
      return error.code() == ErrorCode::kNoSpace ? AddOutcome::kNoSpace : AddOutcome::kFailed;
    }
  }
  void NewFolder() {
    folder_ = std::make_unique<tests::TempFolder>();
    acknowledged_.clear();
  }

  FakeClock clock_;
  FailingFiles files_;
  std::unique_ptr<tests::TempFolder> folder_;
  Acknowledged acknowledged_;
};

class StorageFailureTest : public FailingDisk, public testing::WithParamInterface<int> {};

TEST_P(StorageFailureTest, EachFailingFileCallLosesNothingAcknowledged) {
  const bool disk_full = GetParam() != EIO;
  int calls = 0;
  for (bool fired = true; fired; ++calls) {
    NewFolder();
    {
      const auto store = Store::Open(Options(), clock_);
      files_.FailAt(calls + 1, GetParam());
      Send(*store, CtHeader(1, 1), 1);
      Send(*store, CtHeader(1, 1), 1);           // the same bytes
      Send(*store, CtHeader(1, 1), 2);           // a revision
      Send(*store, CtHeader(1, 1), 3, "OTHER");  // a conflict
      Send(*store, CtHeader(1, 2), 4);
      fired = files_.fired();
      files_.FailAt(0, 0);
      if (fired) {
        const auto next = Send(*store, CtHeader(1, 5), 5);
        EXPECT_EQ(next, disk_full ? AddOutcome::kStored : AddOutcome::kFailed) << "call " << calls;
      }
    }
    const auto store = Store::Open(Options(), clock_);
    store->SweepOrphans(ObjectKind::kReceived);
    store->SweepOrphans(ObjectKind::kQuarantine);
    ExpectWhole(*store, acknowledged_);
    EXPECT_EQ(Send(*store, CtHeader(2, 1), 6), AddOutcome::kStored);
  }
  EXPECT_GT(calls, 25);
}

TEST_P(StorageFailureTest, OpeningFailsWhereACallFailsAndSucceedsAfterwards) {
  int calls = 0;
  for (bool fired = true; fired; ++calls) {
    NewFolder();
    files_.FailAt(calls + 1, GetParam());
    try {
      static_cast<void>(Store::Open(Options(), clock_));
      EXPECT_TRUE(!files_.fired() || GetParam() != EIO);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), GetParam() != EIO ? ErrorCode::kNoSpace : ErrorCode::kStorageFailed);
    }
    fired = files_.fired();
    files_.FailAt(0, 0);
    EXPECT_EQ(Send(*Store::Open(Options(), clock_), CtHeader(1, 1), 1), AddOutcome::kStored);
  }
  EXPECT_GT(calls, 10);
}

std::string NameOf(const testing::TestParamInfo<int>& error) {
  return error.param == ENOSPC ? "DiskFull"
         : error.param == EIO  ? "InputOutputError"
                               : "QuotaExceeded";
}
INSTANTIATE_TEST_SUITE_P(Errors, StorageFailureTest, testing::Values(ENOSPC, EIO), NameOf);

TEST(ChangeFailedTest, TellsUsedUpResourcesFromBrokenOnes) {
  for (const int error : {ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM}) {
    EXPECT_EQ(ChangeFailed(error, "x").code(), ErrorCode::kNoSpace);
  }
  for (const int error : {EIO, EROFS, EACCES, ENOENT, EFBIG}) {
    EXPECT_EQ(ChangeFailed(error, "x").code(), ErrorCode::kStorageFailed);
  }
}

// Files of this process may not grow beyond the log's present size: SQLite's write fails, those of
// small objects do not.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uintmax_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(bytes);
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

class BrokenDatabaseTest : public FailingDisk {};

TEST_F(BrokenDatabaseTest, RefusesAllWritesAfterTheFirstFailedOne) {
  {
    const auto store = Store::Open(Options(), clock_);
    ASSERT_EQ(Send(*store, CtHeader(1, 1), 1), AddOutcome::kStored);
    {
      const FileSizeLimit limit(std::filesystem::file_size(Options().folder / "necknode.db-wal"));
      EXPECT_EQ(Send(*store, CtHeader(1, 2), 2), AddOutcome::kFailed);
    }
    EXPECT_EQ(Send(*store, CtHeader(1, 3), 3), AddOutcome::kFailed);
    EXPECT_EQ(CodeOf([&] { store->Audit({}); }), ErrorCode::kStorageFailed);
    EXPECT_EQ(store->studies().List(0).size(), 1U) << "reading goes on";
  }
  const auto store = Store::Open(Options(), clock_);
  ExpectWhole(*store, acknowledged_);
  EXPECT_EQ(Send(*store, CtHeader(1, 2), 2), AddOutcome::kStored);
}

class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& folder) : folder_(folder) {
    std::filesystem::create_directory(folder);
    mounted_ = ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=4m") == 0;
  }
  ~SmallDisk() {
    if (mounted_)
      ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

class FullDiskTest : public FailingDisk {};

TEST_F(FullDiskTest, RefusesAndRecoversWithoutRestart) {
  const SmallDisk disk(folder_->path() / "data");
  if (!disk.mounted())
    GTEST_SKIP() << "a tmpfs can be mounted by root only";
  const auto store = Store::Open(Options(), clock_);
  const auto fill = [&](int study, std::size_t size) {
    const auto committer = store->MakeCommitter();
    for (int number = 1; number <= 5000; ++number) {
      const auto header = CtHeader(study, number);
      const auto bytes = SomeBytes(static_cast<unsigned>(number), size);
      try {
        const auto added = AddTo(*committer, Received(*store, header, bytes));
        EXPECT_NE(added.outcome, AddOutcome::kFailed) << added.detail;
        if (added.outcome != AddOutcome::kStored)
          return;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kNoSpace) << error.what();
        return;
      }
      acknowledged_[header.sop_instance_uid] = bytes;
    }
    FAIL() << "the disk never was full";
  };
  const auto ballast = Options().folder / "ballast";
  { SystemFiles().Create(ballast)->Write(SomeBytes(1, 1'000'000)); }
  fill(1, 100'000);  // the file's write finds no space
  fill(2, 500);      // the database's commit finds none
  ExpectWhole(*store, acknowledged_);
  // Power is lost here: recovery may find rows of the commit that failed, and must find their
  // files.
  const auto copy = folder_->path() / "copy";
  std::filesystem::copy(Options().folder, copy, std::filesystem::copy_options::recursive);
  std::filesystem::remove(copy / "necknode.db-shm");
  std::filesystem::remove(copy / "ballast");
  auto copied = Options();
  copied.folder = copy;
  ExpectWhole(*Store::Open(copied, clock_), acknowledged_);

  std::filesystem::remove(ballast);
  EXPECT_EQ(Send(*store, CtHeader(3, 1), 7), AddOutcome::kStored);
  EXPECT_NO_THROW(store->Checkpoint());
  fill(4, 3000);
  ExpectWhole(*store, acknowledged_);
  EXPECT_GT(acknowledged_.size(), 20U);
}

}  // namespace
}  // namespace necknode::storage
