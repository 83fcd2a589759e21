#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>

#include "core/clock.h"
#include "storage/failure_latch.h"
#include "storage/file_system.h"
#include "storage/schema.h"
#include "storage/sqlite.h"
#include "storage/store.h"

namespace necknode::storage {

/// Clock readings as rows keep them, taken once for a transaction.
struct Stamp {
  explicit Stamp(const Clock& clock)
      : wall_ms(clock.Now().time_since_epoch().count()),
        boot_ms(clock.SinceBoot().count()),
        boot_id(clock.BootId()) {}
  std::int64_t wall_ms;
  std::int64_t boot_ms;
  std::string boot_id;
};

/// SQL, true of a row whose time has passed or was of another boot; takes boot_id and boot_ms.
inline constexpr std::string_view kIsDue = "(due_boot_id <> ? OR due_boot_ms <= ?)";

[[nodiscard]] WallTime WallTimeOf(std::int64_t wall_ms);

/// Excludes every other writer: a mutex within the process, then flock on the file `write.lock`,
/// whose descriptor is closed on exec so that no child keeps the lock. A killed process releases
/// it. Meets BasicLockable.
class WriteLock {
 public:
  explicit WriteLock(const std::filesystem::path& file);
  ~WriteLock();
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;
  void lock();
  void unlock() noexcept;

 private:
  std::mutex mutex_;
  const int descriptor_;
};

/// A process's two connections to the database. One writes, and every write transaction,
/// checkpoint, opening and first read holds `write.lock`: SQLite up to 3.51.2 can lose committed
/// rows when a checkpoint races a writer of another connection (sqlite.org/wal.html section 11).
/// The other one only reads. Thread safe.
class Connections {
 public:
  /// Opens the database in `folder`, makes or migrates its schema. `files`, `latch` and `clock`
  /// must outlive it.
  Connections(const std::filesystem::path& folder,
              FileSystem& files,
              FailureLatch& latch,
              const Clock& clock,
              Migrations migrations = SchemaMigrations());

  /// A write transaction: holds the lock, and is rolled back unless Commit() succeeded.
  class Writing {
   public:
    explicit Writing(Connections& connections)
        : database_(*connections.writer_),
          lock_(connections.lock_),
          transaction_(database_, Transaction::Kind::kWrite) {}
    [[nodiscard]] Database& database() { return database_; }
    /// Where it throws, the rows may still turn up after a crash: keep the files that they name.
    void Commit() { transaction_.Commit(); }

   private:
    Database& database_;
    std::lock_guard<WriteLock> lock_;
    Transaction transaction_;
  };

  /// Runs `work(database)` in one write transaction and commits it. Nothing is changed where it
  /// throws.
  template <typename Work>
  auto Write(Work&& work) {
    return latch_.Guard([&] {
      Writing writing(*this);
      if constexpr (std::is_void_v<std::invoke_result_t<Work, Database&>>) {
        work(writing.database());
        writing.Commit();
      } else {
        auto result = work(writing.database());
        writing.Commit();
        return result;
      }
    });
  }

  /// Runs `work(database)` in one read transaction: at most 1 s, since it holds up checkpoints.
  template <typename Work>
  auto Read(Work&& work) const {
    const std::lock_guard lock(read_mutex_);
    const Transaction transaction(*reader_, Transaction::Kind::kRead);
    return work(*reader_);
  }

  /// Runs `work()` while no process writes to the database.
  template <typename Work>
  auto WithoutWriters(Work&& work) {
    const std::lock_guard lock(lock_);
    return work();
  }

  /// Writes a compact copy of what is committed now into a new file, not synced. The node goes on
  /// meanwhile, but checkpoints wait. Throws Error(kNoSpace | kInternal).
  void CopyTo(const std::filesystem::path& file) const;

  /// Writes the log into the database. False where a reader was in the way.
  bool Checkpoint();

 private:
  FailureLatch& latch_;
  WriteLock lock_;
  std::unique_ptr<Database> writer_;  // guarded by lock_
  mutable std::mutex read_mutex_;
  std::unique_ptr<Database> reader_;  // guarded by read_mutex_
};

}  // namespace necknode::storage
