#include "tests/storage/power_cut.h"

#include <fstream>

namespace necknode::storage {
namespace {

bool FileIsWhole(Store& store, ObjectKind kind, const std::string& key, std::int64_t bytes) {
  try {
    const auto content = store.objects().Read(kind, key);
    return static_cast<std::int64_t>(content.size()) == bytes && IsWhole(content);
  } catch (const Error&) {
    return false;
  }
}

// Of all rows that name a file.
std::string RowWithoutFile(Left& left) {
  struct Table {
    ObjectKind kind;
    const char* query;
  };
  for (const Table& table :
       {Table{ObjectKind::kReceived,
              "SELECT object_key, bytes FROM instances WHERE state <> 'deleted'"},
        Table{ObjectKind::kResult,
              "SELECT object_key, bytes FROM results WHERE state <> 'deleted'"},
        Table{ObjectKind::kQuarantine, "SELECT object_key, bytes FROM quarantine"}}) {
    Statement rows(left.rows, table.query);
    while (rows.Step()) {
      const std::string key = rows.Text();
      if (!FileIsWhole(left.store, table.kind, key, rows.Integer()))
        return std::string("a row without its whole file: ") + table.query;
    }
  }
  return {};
}

std::string DamagedDatabase(Database& rows) {
  Statement check(rows, "PRAGMA integrity_check");
  const std::string found = check.Step() ? check.Text() : "nothing";
  if (found != "ok")
    return "damaged database: " + found;
  Statement dangling(rows, "PRAGMA foreign_key_check");
  return dangling.Step() ? "a row that names no row" : "";
}

// What was interrupted is done again, once, and new studies come in.
std::string GoesOnBadly(Left& left) {
  Store& store = left.store;
  while (FinishNextJob(store)) {
  }
  if (left.rows.Integer("SELECT 1 FROM jobs j WHERE j.state <> 'done' OR (SELECT COUNT(*) FROM"
                        " results r WHERE r.job_id = j.id) <> 2"))
    return "a job without exactly one report";
  const auto header = CtHeader(9, 1);
  const auto added = AddTo(*store.MakeCommitter(), Received(store, header, SealedBytes(90)));
  if (added.outcome != AddOutcome::kStored)
    return "the next instance is not stored: " + added.detail;
  return store.Checkpoint() ? RowWithoutFile(left) : "the next checkpoint finds a reader";
}

}  // namespace

std::string BrokenPromise(const std::filesystem::path& data,
                          const std::vector<Promise>& promises,
                          std::size_t cut) {
  StoreOptions options;
  options.folder = data;
  options.reserve_bytes = 0;
  FakeClock clock;
  clock.Reboot();
  try {
    const auto store = Store::Open(options, clock);
    for (const auto kind : {ObjectKind::kReceived, ObjectKind::kResult, ObjectKind::kQuarantine})
      store->SweepOrphans(kind);
    Database rows(data / kDatabaseFile, Database::Mode::kReader);
    Left left{*store, rows};
    if (auto damage = DamagedDatabase(rows); !damage.empty())
      return damage;
    if (auto row = RowWithoutFile(left); !row.empty())
      return row;
    for (const Promise& promise : promises) {
      if (promise.from <= cut && cut <= promise.until && !promise.kept(left))
        return "lost: " + promise.what;
    }
    return GoesOnBadly(left);
  } catch (const Error& error) {
    return std::string("fails: ") + error.what();
  }
}

std::vector<Promise> HoldingAt(std::size_t cut, const std::vector<Promise>& promises) {
  std::vector<Promise> holding;
  for (const Promise& promise : promises) {
    if (promise.from <= cut && cut <= promise.until)
      holding.push_back({0, DiskLog::kNever, promise.what, promise.kept});
  }
  return holding;
}

void PowerCuts::Leave(std::size_t cut, Loss loss, unsigned seed, const std::filesystem::path& to) {
  if (cut < applied_) {
    disk_ = Disk();
    applied_ = 0;
  }
  for (; applied_ < cut; ++applied_) {
    const auto& change = changes_[applied_];
    const bool ignored =
        change.IsSync() && (IsNotReliedOn(change) || (ignored_ && ignored_(change)));
    if (!ignored)
      disk_.Apply(change);
  }
  std::mt19937 random(seed);
  disk_.LeaveIn(to, loss, random);
}

std::string PowerCuts::Broken(std::size_t cut,
                              Loss loss,
                              unsigned seed,
                              const std::vector<Promise>& promises) {
  const tests::TempFolder folder;
  Leave(cut, loss, seed, folder.path());
  const auto data = folder.path() / RecordedNode::kDataFolder;
  // The wal-index of another boot may hold anything.
  if (std::filesystem::is_directory(data)) {
    std::ofstream(data / (std::string(kDatabaseFile) + "-shm"), std::ios::binary)
        << std::string(32768, static_cast<char>(seed));
  }
  return BrokenPromise(data, promises, cut);
}

std::string PowerCuts::FirstLoss(const std::vector<Promise>& promises) {
  for (std::size_t i = 0; i <= changes_.size(); ++i) {
    const std::size_t cut = i == 0 ? changes_.size() : i - 1;
    const Loss loss = i % 2 == 0 ? kLosses[i / 2 % kLosses.size()] : Loss::kSome;
    const auto broken = Broken(cut, loss, static_cast<unsigned>(i), promises);
    if (!broken.empty()) {
      return "cut after " + std::to_string(cut) + " changes, loss " +
             std::to_string(static_cast<int>(loss)) + ": " + broken;
    }
  }
  return {};
}

std::vector<DiskChange> ChangesThatMake(const std::filesystem::path& folder) {
  using What = DiskChange::What;
  std::vector<DiskChange> changes;
  std::vector<std::filesystem::path> folders = {{}};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const auto path = entry.path().lexically_relative(folder);
    if (entry.is_directory()) {
      changes.push_back({What::kMakeFolder, path, {}, 0, {}});
      folders.push_back(path);
      continue;
    }
    std::string bytes(entry.file_size(), '\0');
    std::ifstream(entry.path(), std::ios::binary)
        .read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    changes.push_back({What::kCreate, path, {}, 0, {}});
    changes.push_back({What::kWrite, path, {}, 0, std::move(bytes)});
    changes.push_back({What::kSyncFile, path, {}, 0, {}});
  }
  for (const auto& path : folders)
    changes.push_back({What::kSyncFolder, path, {}, 0, {}});
  return changes;
}

std::vector<DiskChange> Restart(const std::filesystem::path& root, std::vector<DiskChange> before) {
  DiskLog log(root, std::move(before));
  RecordingFiles files(log);
  const RecordingVfs vfs(log);
  FakeClock clock;
  StoreOptions options;
  options.folder = root / RecordedNode::kDataFolder;
  options.reserve_bytes = 0;
  options.files = &files;
  const auto store = Store::Open(options, clock);
  for (const auto kind : {ObjectKind::kReceived, ObjectKind::kResult, ObjectKind::kQuarantine})
    store->SweepOrphans(kind);
  return log.changes();
}

std::string KindOf(const DiskChange& sync) {
  using What = DiskChange::What;
  const auto path = sync.path.lexically_relative(RecordedNode::kDataFolder);
  const std::string first = path.begin()->string();
  std::string kind = sync.by_sqlite ? "SQLite: " : "";
  if (sync.what == What::kSyncFile) {
    if (first.starts_with("probe-"))
      return "file of the probe";
    return kind + "file in " + first;
  }
  if (first == "..")
    return "folder above the data folder";
  if (first == ".")
    return kind + "data folder";
  const bool shard = std::distance(path.begin(), path.end()) > 1;
  return kind + "folder " + first + (shard ? "/*" : "");
}

PowerCuts::Ignored Without(std::string_view kind) {
  return [kind = std::string(kind)](const DiskChange& sync) { return KindOf(sync) == kind; };
}

bool IsNotReliedOn(const DiskChange& sync) {
  if (!sync.by_sqlite)
    return false;
  if (sync.what == DiskChange::What::kSyncFolder)
    return sync.name.string().ends_with("-wal");
  return sync.path.parent_path().filename() == "backup";
}

}  // namespace necknode::storage
