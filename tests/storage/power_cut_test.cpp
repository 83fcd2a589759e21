#include "tests/storage/power_cut.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "core/log.h"
#include "storage/connections.h"
#include "storage/records.h"

namespace necknode::storage {
namespace {

// Not a suite by itself: suites derive from it.
class PowerCut : public testing::Test {
 protected:
  PowerCut() {
    // Syncs are noted here, not relied on: in memory files take no time.
    if (std::filesystem::is_directory("/dev/shm"))
      ::setenv("TMPDIR", "/dev/shm", 1);
    StartLog("test", LogLevel::kError);
  }
  ~PowerCut() override { ::unsetenv("TMPDIR"); }
};

class PowerCutTest : public PowerCut {};

TEST_F(PowerCutTest, AfterAnyChangeLosesNothingAcknowledged) {
  RecordedNode node;
  ASSERT_EQ(node.Live(), "");
  const auto changes = node.changes();
  EXPECT_GT(changes.size(), 300U);
  EXPECT_GT(node.promises().size(), 15U);
  EXPECT_EQ(PowerCuts(changes).FirstLoss(node.promises()), "");
}

TEST_F(PowerCutTest, AcknowledgesNothingOnceChangesFail) {
  constexpr std::size_t kStep = 9;
  std::size_t cut = 0;
  for (std::string error = "none yet"; !error.empty(); cut += kStep) {
    RecordedNode node(cut);
    error = node.Live();
    PowerCuts cuts(node.changes());
    const auto changes = node.changes().size();
    for (const Loss loss : {Loss::kNothing, Loss::kAll, Loss::kSome}) {
      ASSERT_EQ(cuts.Broken(changes, loss, static_cast<unsigned>(cut), node.promises()), "")
          << "cut after " << changes << " changes, loss " << static_cast<int>(loss);
    }
  }
  EXPECT_GT(cut, 300U);
}

class PowerCutAfterRestartTest : public PowerCut {
 protected:
  void SetUp() override { ASSERT_EQ(node_.Live(), ""); }

  /// A node that was killed after `kill` changes starts again, then the power goes.
  std::string BrokenAfterKill(std::size_t kill, const PowerCuts::Ignored& ignored = {}) {
    auto before = node_.changes();
    before.resize(kill);
    const tests::TempFolder folder;
    PowerCuts(before).Leave(kill, Loss::kNothing, 0, folder.path());
    PowerCuts cuts(Restart(folder.path(), before), ignored);
    return BrokenAtTheEnd(cuts, kill);
  }
  std::string BrokenAtTheEnd(PowerCuts& cuts, std::size_t promised_at) {
    const auto promises = HoldingAt(promised_at, node_.promises());
    for (unsigned seed = 0; seed < 2; ++seed) {
      for (const Loss loss : kLosses) {
        if (auto broken = cuts.Broken(cuts.size(), loss, seed, promises); !broken.empty())
          return broken;
      }
    }
    return {};
  }

  RecordedNode node_;
};

TEST_F(PowerCutAfterRestartTest, LosesNothingThatAKilledNodeAcknowledged) {
  const auto [first, end] = node_.retention();
  for (std::size_t kill = first; kill <= end; ++kill)
    EXPECT_EQ(BrokenAfterKill(kill), "") << "killed after " << kill << " changes";
  for (std::size_t kill = 1; kill < node_.changes().size(); kill += 37)
    EXPECT_EQ(BrokenAfterKill(kill), "") << "killed after " << kill << " changes";
}

TEST_F(PowerCutAfterRestartTest, LosesNothingThatAnEarlierPowerCutLeft) {
  PowerCuts first(node_.changes());
  for (std::size_t cut = 1; cut < node_.changes().size(); cut += 41) {
    const tests::TempFolder folder;
    first.Leave(cut, Loss::kSome, static_cast<unsigned>(cut), folder.path());
    const auto before = ChangesThatMake(folder.path());
    PowerCuts second(Restart(folder.path(), before));
    EXPECT_EQ(BrokenAtTheEnd(second, cut), "") << "first cut after " << cut << " changes";
  }
}

/// A node of schema version 1 is started by this program, with each change noted.
class PowerCutInMigrationTest : public PowerCut {
 protected:
  PowerCutInMigrationTest() {
    DiskLog log(folder_.path());
    RecordingFiles files(log);
    const RecordingVfs vfs(log);
    const FakeClock clock;
    files.MakeFolder(folder_.path() / "new");
    files.SyncFolder(folder_.path());
    files.MakeFolder(folder_.path() / RecordedNode::kDataFolder);
    files.SyncFolder(folder_.path() / "new");
    {
      FailureLatch latch;
      Connections old(folder_.path() / RecordedNode::kDataFolder,
                      files,
                      latch,
                      clock,
                      SchemaMigrations().first(1));
      old.Write([](Database& database) {
        database.Run(
            "INSERT INTO audit (time_ms, event, subject, outcome, detail)"
            " VALUES (1, 'old', '', '', '')");
      });
    }
    old_ = log.size();
    changes_ = Restart(folder_.path(), log.changes());
  }

  /// The old rows are there, and where they were migrated a copy of them too.
  std::string Broken(PowerCuts& cuts, std::size_t cut, Loss loss) {
    const tests::TempFolder left;
    cuts.Leave(cut, loss, static_cast<unsigned>(cut), left.path());
    const auto data = left.path() / RecordedNode::kDataFolder;
    if (IsOld(data / kDatabaseFile) || HasBackup(data / "backup")) {
      const std::vector<Promise> promises = {
          {0, DiskLog::kNever, "a row of the old schema", [](Left& opened) {
             return opened.rows.Integer("SELECT 1 FROM audit WHERE event = 'old'").has_value();
           }}};
      return BrokenPromise(data, promises, cut);
    }
    return "migrated without a copy";
  }

  tests::TempFolder folder_;
  std::size_t old_ = 0;  // changes until the old program ended
  std::vector<DiskChange> changes_;

 private:
  static bool IsOld(const std::filesystem::path& file) {
    try {
      Database database(file, Database::Mode::kWriter);
      return database.Integer("PRAGMA user_version") == 1 &&
             database.Integer("SELECT 1 FROM audit WHERE event = 'old'").has_value();
    } catch (const Error&) {
      return false;
    }
  }
  static bool HasBackup(const std::filesystem::path& folder) {
    if (!std::filesystem::is_directory(folder))
      return false;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".db")
        return IsOld(entry.path());
    }
    return false;
  }
};

TEST_F(PowerCutInMigrationTest, LeavesTheOldSchemaOrACopyOfIt) {
  PowerCuts cuts(changes_);
  for (std::size_t cut = old_; cut <= changes_.size(); ++cut) {
    for (const Loss loss : {kLosses[cut % kLosses.size()], Loss::kSome}) {
      ASSERT_EQ(Broken(cuts, cut, loss), "")
          << "cut after " << cut << " changes, loss " << static_cast<int>(loss);
    }
  }
}

class PowerCutMutationTest : public PowerCut {};

constexpr std::string_view kFolderOfNewDatabase = "SQLite: data folder",
                           kJournalOfNewDatabase = "SQLite: file in necknode.db-journal",
                           kLogAtStart = "file in necknode.db-wal";

// Syncs that a node's one life does not show: each has its own test, but that of the probe, which
// keeps nothing and finds a folder that cannot be synced.
constexpr std::array kShownElsewhere = {kFolderOfNewDatabase,
                                        kJournalOfNewDatabase,
                                        kLogAtStart,
                                        std::string_view("file of the probe")};

TEST_F(PowerCutMutationTest, EachSyncThatIsLeftOutLosesSomething) {
  RecordedNode node;
  ASSERT_EQ(node.Live(), "");
  std::set<std::string> kinds;
  for (const auto& change : node.changes()) {
    if (change.IsSync() && std::ranges::count(kShownElsewhere, KindOf(change)) == 0)
      kinds.insert(KindOf(change));
  }
  EXPECT_GE(kinds.size(), 12U);
  for (const auto& kind : kinds) {
    PowerCuts cuts(node.changes(), Without(kind));
    EXPECT_NE(cuts.FirstLoss(node.promises()), "") << "of no use, or not tested: sync of " << kind;
  }
}

// SQLite makes a new database by a rollback journal, which counts for one change: after the first
// page is written and before it is synced. Hence the many tries.
TEST_F(PowerCutMutationTest, NewDatabaseNeedsItsJournalAndTheJournalsName) {
  RecordedNode node;
  ASSERT_EQ(node.Live(), "");
  const auto changes = node.changes();
  const auto written = std::ranges::find_if(changes, [](const DiskChange& change) {
    return change.what == DiskChange::What::kWrite && change.path.filename() == kDatabaseFile;
  });
  const auto cut = static_cast<std::size_t>(written - changes.begin()) + 1;
  const auto broken = [&](std::string_view left_out) {
    PowerCuts cuts(changes, Without(left_out));
    std::string loss;
    for (unsigned seed = 0; loss.empty() && seed < 150; ++seed)
      loss = cuts.Broken(cut, Loss::kSome, seed, node.promises());
    return loss;
  };
  EXPECT_EQ(broken("nothing"), "");
  EXPECT_NE(broken(kJournalOfNewDatabase), "");
  EXPECT_NE(broken(kFolderOfNewDatabase), "");
}

TEST_F(PowerCutAfterRestartTest, LosesSomethingWithoutTheSyncOfTheLogAtTheStart) {
  const auto [first, end] = node_.retention();
  std::string broken;
  for (std::size_t kill = first; broken.empty() && kill <= end; ++kill)
    broken = BrokenAfterKill(kill, Without(kLogAtStart));
  EXPECT_NE(broken, "");
}

TEST_F(PowerCutInMigrationTest, LosesTheCopyWithoutAnyOfItsSyncs) {
  for (const std::string_view kind : {"file in backup", "folder backup", "data folder"}) {
    PowerCuts cuts(changes_, Without(kind));
    std::string broken;
    for (std::size_t cut = changes_.size(); broken.empty() && cut >= old_; --cut)
      broken = Broken(cuts, cut, kLosses[cut % kLosses.size()]);
    EXPECT_NE(broken, "") << kind;
  }
}

}  // namespace
}  // namespace necknode::storage
