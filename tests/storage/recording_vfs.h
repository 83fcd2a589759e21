#pragma once

#include <memory>

#include "tests/storage/recorded_disk.h"

namespace necknode::storage {

/// As long as it lives, what SQLite does to its files is noted in a log; after the log's cut every
/// change fails with SQLITE_IOERR. It stands before the operating system's VFS as the default, so
/// the code under test opens its databases as always. Only one at a time; close all databases
/// before it goes.
class RecordingVfs {
 public:
  /// `log` must outlive it.
  explicit RecordingVfs(DiskLog& log);
  ~RecordingVfs();
  RecordingVfs(const RecordingVfs&) = delete;
  RecordingVfs& operator=(const RecordingVfs&) = delete;

 private:
  struct Vfs;
  std::unique_ptr<Vfs> vfs_;
};

}  // namespace necknode::storage
