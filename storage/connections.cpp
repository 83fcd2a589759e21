#include "storage/connections.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/digest.h"
#include "core/log.h"

namespace necknode::storage {
namespace {

// A full copy in backup/, whole and synced before it has its name.
void BackUp(Database& database,
            int version,
            const std::filesystem::path& backups,
            FileSystem& files,
            const Clock& clock) {
  const std::string name = "schema" + std::to_string(version) + "-" + DicomDate(clock.Now()) + "-" +
                           RandomHex(4) + ".db";
  const auto partial = backups / (name + ".partial");
  database.CopyTo(partial);
  files.SyncFile(partial);
  files.Link(partial, backups / name);
  files.Remove(partial);
  files.SyncFolder(backups);
  files.SyncFolder(backups.parent_path());  // this start may have made the folder
  Log(LogLevel::kInfo, "database_backed_up", {{"schema", version}, {"file", name}});
}

}  // namespace

WallTime WallTimeOf(std::int64_t wall_ms) { return WallTime(std::chrono::milliseconds(wall_ms)); }

WriteLock::WriteLock(const std::filesystem::path& file)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)) {
  if (descriptor_ < 0)
    throw ChangeFailed(errno, "opening of write.lock");
}

WriteLock::~WriteLock() { ::close(descriptor_); }

void WriteLock::lock() {
  mutex_.lock();
  while (::flock(descriptor_, LOCK_EX) != 0) {
    const int error = errno;
    if (error == EINTR)
      continue;
    mutex_.unlock();
    throw ChangeFailed(error, "locking of write.lock");
  }
}

void WriteLock::unlock() noexcept {
  ::flock(descriptor_, LOCK_UN);
  mutex_.unlock();
}

Connections::Connections(const std::filesystem::path& folder,
                         FileSystem& files,
                         FailureLatch& latch,
                         const Clock& clock,
                         Migrations migrations)
    : latch_(latch), lock_(folder / "write.lock") {
  // Opening and the first read may run recovery after a kill, hence under the lock.
  const std::lock_guard lock(lock_);
  writer_ = std::make_unique<Database>(folder / kDatabaseFile, Database::Mode::kWriter);
  Migrate(*writer_, migrations, [&](int version) {
    BackUp(*writer_, version, folder / "backup", files, clock);
  });
  // A process that was killed in a commit may have left it in the log unsynced. It is read as
  // committed from here on, and files go by it, so it must not be lost any more. (SQLite keeps no
  // locks on the log, which opening and closing it here would drop.)
  files.SyncFile(folder / (std::string(kDatabaseFile) + "-wal"));
  files.SyncFolder(folder);  // names of database, log and object folders
  reader_ = std::make_unique<Database>(folder / kDatabaseFile, Database::Mode::kReader);
  static_cast<void>(reader_->Integer("SELECT MAX(id) FROM studies"));
}

void Connections::CopyTo(const std::filesystem::path& file) const {
  const std::lock_guard lock(read_mutex_);
  reader_->Execute("PRAGMA query_only=OFF");  // which would forbid writing into the copy
  try {
    reader_->CopyTo(file);
  } catch (...) {
    reader_->Execute("PRAGMA query_only=ON");
    throw;
  }
  reader_->Execute("PRAGMA query_only=ON");
}

bool Connections::Checkpoint() {
  return latch_.Guard([&] {
    const std::lock_guard lock(lock_);
    return writer_->CheckpointTruncate();
  });
}

}  // namespace necknode::storage
