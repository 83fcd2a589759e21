#include "tests/storage/recording_vfs.h"

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

#include <sqlite3.h>
#include <unistd.h>

namespace necknode::storage {
namespace {

using What = DiskChange::What;

struct Recorded {
  DiskLog* log = nullptr;
  std::filesystem::path path;
  bool sync_folder = false;  // SQLite syncs the folder with the first sync of a new journal or log
};

// SQLite gives the memory: this, then the system's own file.
struct File : sqlite3_file {
  Recorded* recorded;
  [[nodiscard]] sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& Of(sqlite3_file* file) { return *static_cast<File*>(file); }
sqlite3_file* Real(sqlite3_file* file) { return Of(file).real(); }
const sqlite3_io_methods& Methods(sqlite3_file* file) { return *Real(file)->pMethods; }

// False: the power is off.
bool Note(DiskLog& log, DiskChange change) {
  change.by_sqlite = true;
  if (log.Add(std::move(change)))
    return true;
  errno = EIO;
  return false;
}

int Close(sqlite3_file* file) {
  delete Of(file).recorded;
  return Methods(file).xClose(Real(file));
}

int Read(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
  return Methods(file).xRead(Real(file), to, count, offset);
}

int Write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
  const Recorded& recorded = *Of(file).recorded;
  std::string bytes(static_cast<const char*>(from), static_cast<std::size_t>(count));
  if (!Note(*recorded.log,
            {What::kWrite, recorded.path, {}, static_cast<std::size_t>(offset), std::move(bytes)}))
    return SQLITE_IOERR_WRITE;
  return Methods(file).xWrite(Real(file), from, count, offset);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  const Recorded& recorded = *Of(file).recorded;
  if (!Note(*recorded.log,
            {What::kTruncate, recorded.path, {}, static_cast<std::size_t>(size), {}}))
    return SQLITE_IOERR_TRUNCATE;
  return Methods(file).xTruncate(Real(file), size);
}

int Sync(sqlite3_file* file, int /*flags*/) {
  Recorded& recorded = *Of(file).recorded;
  if (!Note(*recorded.log, {What::kSyncFile, recorded.path, {}, 0, {}}))
    return SQLITE_IOERR_FSYNC;
  if (std::exchange(recorded.sync_folder, false) &&
      !Note(*recorded.log, {What::kSyncFolder, recorded.path.parent_path(), recorded.path, 0, {}}))
    return SQLITE_IOERR_DIR_FSYNC;
  return SQLITE_OK;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  return Methods(file).xFileSize(Real(file), size);
}
int Lock(sqlite3_file* file, int level) { return Methods(file).xLock(Real(file), level); }
int Unlock(sqlite3_file* file, int level) { return Methods(file).xUnlock(Real(file), level); }
int CheckReservedLock(sqlite3_file* file, int* held) {
  return Methods(file).xCheckReservedLock(Real(file), held);
}
int FileControl(sqlite3_file* file, int what, void* argument) {
  return Methods(file).xFileControl(Real(file), what, argument);
}
int SectorSize(sqlite3_file* file) { return Methods(file).xSectorSize(Real(file)); }
int DeviceCharacteristics(sqlite3_file* file) {
  return Methods(file).xDeviceCharacteristics(Real(file));
}
// The wal-index is never synced and made anew after a power cut: not noted.
int ShmMap(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
  return Methods(file).xShmMap(Real(file), region, size, extend, at);
}
int ShmLock(sqlite3_file* file, int offset, int count, int flags) {
  return Methods(file).xShmLock(Real(file), offset, count, flags);
}
void ShmBarrier(sqlite3_file* file) { Methods(file).xShmBarrier(Real(file)); }
int ShmUnmap(sqlite3_file* file, int remove) { return Methods(file).xShmUnmap(Real(file), remove); }

constexpr sqlite3_io_methods kMethods = {2,  // the version without memory-mapped files
                                         Close,
                                         Read,
                                         Write,
                                         Truncate,
                                         Sync,
                                         FileSize,
                                         Lock,
                                         Unlock,
                                         CheckReservedLock,
                                         FileControl,
                                         SectorSize,
                                         DeviceCharacteristics,
                                         ShmMap,
                                         ShmLock,
                                         ShmBarrier,
                                         ShmUnmap,
                                         nullptr,
                                         nullptr};

}  // namespace

struct RecordingVfs::Vfs : sqlite3_vfs {
  sqlite3_vfs* real;
  DiskLog* log;

  static Vfs& Of(sqlite3_vfs* vfs) { return *static_cast<Vfs*>(vfs); }

  static int Open(
      sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* given_flags) {
    DiskLog& log = *Of(vfs).log;
    File& opened = storage::Of(file);
    opened.pMethods = nullptr;
    const bool creates = (flags & SQLITE_OPEN_CREATE) != 0;
    const std::string path = name == nullptr ? "" : name;
    if (creates && ::access(path.c_str(), F_OK) != 0 &&
        !Note(log, {What::kCreate, path, {}, 0, {}}))
      return SQLITE_CANTOPEN;
    sqlite3_vfs* real = Of(vfs).real;
    const int result = real->xOpen(real, name, opened.real(), flags, given_flags);
    if (opened.real()->pMethods == nullptr)
      return result;
    const int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    opened.recorded = new Recorded{&log, path, creates && (flags & journals) != 0};
    opened.pMethods = &kMethods;
    return result;
  }

  static int Delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    DiskLog& log = *Of(vfs).log;
    const std::filesystem::path path = name;
    if (!Note(log, {What::kRemove, path, {}, 0, {}}))
      return SQLITE_IOERR_DELETE;
    sqlite3_vfs* real = Of(vfs).real;
    const int result = real->xDelete(real, name, 0);
    if (result == SQLITE_OK && sync_folder != 0 &&
        !Note(log, {What::kSyncFolder, path.parent_path(), {}, 0, {}}))
      return SQLITE_IOERR_DIR_FSYNC;
    return result;
  }
};

RecordingVfs::RecordingVfs(DiskLog& log) : vfs_(std::make_unique<Vfs>()) {
  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  static_cast<sqlite3_vfs&>(*vfs_) = *real;
  vfs_->real = real;
  vfs_->log = &log;
  vfs_->zName = "recording";
  vfs_->szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
  vfs_->xOpen = Vfs::Open;
  vfs_->xDelete = Vfs::Delete;
  if (sqlite3_vfs_register(vfs_.get(), 1) != SQLITE_OK)
    throw std::runtime_error("the recording VFS could not be registered");
}

RecordingVfs::~RecordingVfs() {
  sqlite3_vfs_unregister(vfs_.get());
  sqlite3_vfs_register(vfs_->real, 1);
}

}  // namespace necknode::storage
