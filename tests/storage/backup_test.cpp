#include "storage/backup.h"

#include <cerrno>
#include <fstream>

#include <gmock/gmock.h>

#include "storage/backup_files.h"
#include "tests/storage/failing_files.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::storage {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Test objects are no DICOM files: their digest is that of all bytes.
std::string WholeDigest(const fs::path& file) { return SumOf(SystemFiles(), file); }

class BackupTest : public StoreTest {
 protected:
  BackupOptions To(const std::string& name) const {
    BackupOptions options;
    options.folder = folder_.path() / name;
    options.program_version = "9.9";
    options.digest_of = WholeDigest;
    return options;
  }
  RestoreOptions From(const std::string& name, const std::string& to = "restored") const {
    RestoreOptions options;
    options.backup = folder_.path() / name;
    options.folder = folder_.path() / to;
    options.digest_of = WholeDigest;
    return options;
  }
  std::unique_ptr<Store> OpenRestored() {
    auto options = Options();
    options.folder = folder_.path() / "restored";
    return Store::Open(options, clock_);
  }
  // A job that is done, with two documents: one delivered, one waiting.
  Job DeliverHalf(int study) {
    MakeJob(study);
    const Job job = store_->jobs().Acquire("worker", 60s).value();
    JobResult result;
    result.results = {StoreResult("SR", "2.25.1" + std::to_string(study)),
                      StoreResult("PR", "2.25.2" + std::to_string(study))};
    result.deliveries = {{"pacs", 0, std::nullopt, ""}, {"pacs", 1, std::nullopt, ""}};
    EXPECT_TRUE(store_->jobs().Finish({job.id, job.attempt}, result));
    const auto row = store_->outbox().List(0).back();
    store_->outbox().MarkDelivered(row.id, "0x0000", Uid("2.25.11"));
    return job;
  }
  static void Flip(const fs::path& file) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    const char first = static_cast<char>(stream.get() ^ 1);
    stream.seekp(0).put(first);
  }
  static fs::path AnyFile(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file())
        return entry.path();
    }
    throw std::runtime_error("no file in " + folder.string());
  }
};

TEST_F(BackupTest, RestoresWhatTheNodeHad) {
  const Job job = DeliverHalf(1);
  store_->Audit({"outbox", "person", "released", "row 1"});
  {
    auto file = store_->objects().Create(ObjectKind::kQuarantine);
    file->Write(SomeBytes(5));
    store_->Quarantine(std::move(file), "PACS", "unreadable");
  }
  std::ofstream(Options().folder / "peers.toml") << "generation = 3\n";
  fs::create_directory(Options().folder / "peers.versions");
  std::ofstream(Options().folder / "peers.versions" / "2.toml") << "generation = 2\n";

  const BackupSummary made = store_->BackUp(To("backup"));
  EXPECT_EQ(made.objects, 5U);
  EXPECT_EQ(made.linked, 5U);
  EXPECT_THAT(made.damaged, IsEmpty());
  EXPECT_FALSE(fs::exists(folder_.path() / "backup" / "UNFINISHED"));
  EXPECT_FALSE(fs::exists(folder_.path() / "backup" / "write.lock"));

  const BackupSummary restored = RestoreBackup(From("backup"), clock_);
  EXPECT_EQ(restored.objects, 5U);
  EXPECT_EQ(restored.bytes, made.bytes);
  const auto store = OpenRestored();
  EXPECT_EQ(store->jobs().Find(job.id)->state, JobState::kDone);
  const auto rows = store->outbox().List(0);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].state, OutboxState::kDelivered) << "what was delivered is not sent again";
  EXPECT_EQ(rows[0].state, OutboxState::kWaiting);
  for (const auto& result : store->jobs().ResultsOf(job.id))
    EXPECT_EQ(store->objects().Read(ObjectKind::kResult, result.object_key), SomeBytes(99, 100));
  EXPECT_EQ(store->QuarantineList(0).size(), 1U);
  EXPECT_TRUE(fs::exists(folder_.path() / "restored" / "peers.toml"));
  EXPECT_TRUE(fs::exists(folder_.path() / "restored" / "peers.versions" / "2.toml"));
  EXPECT_EQ(store->SweepOrphans(ObjectKind::kReceived) + store->SweepOrphans(ObjectKind::kResult),
            0);
  const auto audit = store->AuditTrail(0);
  EXPECT_EQ(audit.front().event.outcome, "restored");
  EXPECT_EQ(audit[2].event.detail, "row 1");
}

TEST_F(BackupTest, TakesANameInTheWorkingFolder) {
  DeliverHalf(1);
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path());
  BackupOptions options = To("backup");
  options.folder = "backup";
  EXPECT_NO_THROW((void)store_->BackUp(options));
  fs::current_path(before);
  EXPECT_EQ(RestoreBackup(From("backup"), clock_).objects, 4U);
}

// A number that was given after the backup must not come to mean another patient.
TEST_F(BackupTest, RestoredNumbersGoOnHigher) {
  MakeJob(1);
  (void)store_->BackUp(To("backup"));
  const auto later = MakeJob(2);
  RestoreBackup(From("backup"), clock_);
  store_ = OpenRestored();
  EXPECT_GT(MakeJob(3).id, later.id + 1000);
}

TEST_F(BackupTest, RestoredJobsThatRanAreQueued) {
  const auto job = MakeJob(1);
  ASSERT_TRUE(store_->jobs().Acquire("worker", 60s));
  (void)store_->BackUp(To("backup"));
  RestoreBackup(From("backup"), clock_);
  const auto restored = OpenRestored();
  EXPECT_EQ(restored->jobs().Find(job.id)->state, JobState::kQueued);
  EXPECT_EQ(restored->jobs().Acquire("another", 60s)->deaths_alone, 0);
}

TEST_F(BackupTest, MayBeCopiedThroughout) {
  MakeJob(1);
  auto options = To("backup");
  options.copy = true;
  EXPECT_EQ(store_->BackUp(options).linked, 0U);
  EXPECT_EQ(fs::hard_link_count(AnyFile(folder_.path() / "backup" / "objects")), 1U);
  EXPECT_EQ(RestoreBackup(From("backup"), clock_).objects, 2U);
}

TEST_F(BackupTest, RefusesAFolderThatHoldsAnything) {
  fs::create_directory(folder_.path() / "backup");
  std::ofstream(folder_.path() / "backup" / "mine") << "x";
  EXPECT_EQ(CodeOf([&] { (void)store_->BackUp(To("backup")); }), ErrorCode::kInvalidArgument);
  EXPECT_EQ(CodeOf([&] { (void)store_->BackUp(To("data/inside")); }), ErrorCode::kInvalidArgument);
  (void)store_->BackUp(To("good"));
  EXPECT_EQ(CodeOf([&] { RestoreBackup(From("good", "data"), clock_); }),
            ErrorCode::kInvalidArgument)
      << "a folder in use";
  EXPECT_EQ(store_->AuditTrail(0).size(), 0U);
}

// Retention and the receiver go on between the database's copy and the objects'.
TEST_F(BackupTest, HoldsTheInstantOfItsDatabase) {
  const Job job = DeliverHalf(1);
  const auto waiting = store_->outbox().List(0).front();
  store_->outbox().MarkDelivered(waiting.id, "0x0000", Uid("2.25.21"));
  auto options = To("backup");
  bool first = true;
  options.on_object = [&](std::uint64_t, std::uint64_t) {
    if (!first)
      return;
    first = false;
    clock_.Advance(24h);
    ASSERT_EQ(store_->RemoveExpired({1h, 0}).objects, 4);
    Add(CtHeader(2, 1), 2001);
  };
  const BackupSummary made = store_->BackUp(options);
  EXPECT_EQ(made.gone, 4U);
  EXPECT_EQ(made.objects, 0U);
  EXPECT_THAT(made.damaged, IsEmpty());
  RestoreBackup(From("backup"), clock_);
  const auto store = OpenRestored();
  EXPECT_EQ(store->jobs().Find(job.id)->state, JobState::kDone) << "its row stays as a tombstone";
  EXPECT_FALSE(store->studies().Find(Uid("1.2.2")));
}

TEST_F(BackupTest, NamesWhatIsDamaged) {
  MakeJob(1, 3);
  const auto data = Options().folder;
  const auto damaged = AnyFile(data / "objects");
  Flip(damaged);
  const BackupSummary made = store_->BackUp(To("backup"));
  ASSERT_EQ(made.damaged.size(), 1U);
  EXPECT_THAT(made.damaged[0], HasSubstr(damaged.filename().string()));
  EXPECT_TRUE(fs::exists(folder_.path() / "backup" / "SHA256SUMS")) << "the rest is worth having";

  fs::remove(damaged);
  EXPECT_THAT(store_->BackUp(To("second")).damaged, ElementsAre(HasSubstr("is not there")));
}

TEST_F(BackupTest, RestoreNamesADamagedFileAndLeavesNothing) {
  const auto job = MakeJob(1, 3);
  auto options = To("backup");
  options.copy = true;
  (void)store_->BackUp(options);
  const auto damaged = AnyFile(folder_.path() / "backup" / "objects");
  Flip(damaged);
  try {
    RestoreBackup(From("backup"), clock_);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kParse);
    EXPECT_THAT(error.what(), HasSubstr(damaged.filename().string()));
  }
  EXPECT_TRUE(fs::is_empty(folder_.path() / "restored"));

  auto lenient = From("backup");
  lenient.without_damaged = true;
  const BackupSummary restored = RestoreBackup(lenient, clock_);
  EXPECT_EQ(restored.objects, 2U);
  EXPECT_EQ(restored.damaged.size(), 1U);
  const auto store = OpenRestored();
  EXPECT_EQ(store->SweepOrphans(ObjectKind::kReceived), 0);
  EXPECT_EQ(store->studies().InstancesOfSeries(job.study, job.series_instance_uid).size(), 2U);
}

TEST_F(BackupTest, RestoreRefusesADamagedDatabaseAlways) {
  MakeJob(1);
  (void)store_->BackUp(To("backup"));
  Flip(folder_.path() / "backup" / "necknode.db");
  auto lenient = From("backup");
  lenient.without_damaged = true;
  EXPECT_EQ(CodeOf([&] { RestoreBackup(lenient, clock_); }), ErrorCode::kParse);
}

TEST_F(BackupTest, RestoreRefusesWhatIsNoFinishedBackup) {
  EXPECT_EQ(CodeOf([&] { RestoreBackup(From("nothing"), clock_); }), ErrorCode::kNotFound);
  (void)store_->BackUp(To("backup"));
  const auto sums = folder_.path() / "backup" / "SHA256SUMS";
  std::ofstream(sums, std::ios::app) << std::string(64, 'a') << "  ../outside\n";
  EXPECT_EQ(CodeOf([&] { RestoreBackup(From("backup"), clock_); }), ErrorCode::kParse);
  std::ofstream(folder_.path() / "backup" / "UNFINISHED") << "x";
  EXPECT_EQ(CodeOf([&] { RestoreBackup(From("backup"), clock_); }), ErrorCode::kInvalidArgument);
}

// Whichever change fails, what is left is unfinished and the node goes on.
TEST_F(BackupTest, AFailedWriteLeavesAnUnfinishedBackup) {
  MakeJob(1);
  store_.reset();
  FailingFiles files;
  auto options = Options();
  options.files = &files;
  store_ = Store::Open(options, clock_);
  int failed = 0;
  for (int n = 1;; ++n) {
    auto to = To("backup" + std::to_string(n));
    to.copy = true;
    files.FailAt(n, ENOSPC);
    try {
      (void)store_->BackUp(to);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kNoSpace) << error.what();
    }
    if (!files.fired())
      break;
    ++failed;
    if (fs::exists(to.folder / "SHA256SUMS") && !fs::exists(to.folder / "UNFINISHED"))
      continue;  // the very last sync
    EXPECT_ANY_THROW(RestoreBackup(From("backup" + std::to_string(n)), clock_)) << n;
  }
  EXPECT_GT(failed, 15);
  files.FailAt(0, 0);
  EXPECT_EQ(Add(CtHeader(7, 1), 1).outcome, AddOutcome::kStored);
}

TEST_F(BackupTest, AFailedRestoreLeavesNoNode) {
  MakeJob(1);
  (void)store_->BackUp(To("backup"));
  FailingFiles files;
  int failed = 0;
  for (int n = 1;; ++n) {
    auto from = From("backup");
    from.files = &files;
    files.FailAt(n, ENOSPC);
    try {
      RestoreBackup(from, clock_);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kNoSpace) << error.what();
    }
    if (!files.fired())
      break;
    ++failed;
    EXPECT_FALSE(fs::exists(from.folder / "necknode.db")) << n;
  }
  EXPECT_GT(failed, 10);
  EXPECT_EQ(OpenRestored()->studies().InstancesOfSeries(1, Uid("1.2.1.1")).size(), 2U);
}

TEST_F(BackupTest, IsDurableWhenItIsFinished) {
  MakeJob(1);
  store_.reset();
  FailingFiles files;
  auto options = Options();
  options.files = &files;
  store_ = Store::Open(options, clock_);
  auto to = To("backup");
  to.copy = true;
  (void)store_->BackUp(to);
  for (const auto& entry : fs::recursive_directory_iterator(to.folder)) {
    if (entry.is_regular_file() && entry.path().filename() != "necknode.db") {
      EXPECT_TRUE(files.SurvivesPowerCut(entry.path())) << entry.path();
    }
  }
}

}  // namespace
}  // namespace necknode::storage
