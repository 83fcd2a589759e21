#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "storage/file_system.h"

namespace necknode::storage {

// A backup is a folder: `necknode.db`, the folders of objects as a data folder has them, whatever
// else lay in the data folder, `backup.txt` for people, and SHA256SUMS of all of them, which
// `sha256sum -c` reads too. A file UNFINISHED lies in it until it is whole.

/// The digest that the index keeps of a received file (docs/data_on_disk.md). Throws Error.
using FileDigest = std::function<std::string(const std::filesystem::path&)>;

struct BackupOptions {
  std::filesystem::path folder;  ///< absent or empty
  bool copy = false;             ///< else objects on the same file system get a second name only
  std::string program_version;
  FileDigest digest_of;
  /// Called before each object.
  std::function<void(std::uint64_t done, std::uint64_t of)> on_object = nullptr;
};

/// What a backup or a restore holds.
struct BackupSummary {
  std::uint64_t objects = 0, bytes = 0;  ///< of received objects, results and quarantine
  std::uint64_t linked = 0;              ///< of them by a second name
  std::uint64_t gone = 0;  ///< removed by retention meanwhile: their rows say so in the backup
  std::vector<std::string> damaged;  ///< "objects/ab/ab12...: why", what does not fit its row
};

struct RestoreOptions {
  std::filesystem::path backup;
  std::filesystem::path folder;  ///< the new data folder: absent or empty
  /// Goes on without damaged objects, whose rows then are as if retention had removed them. A
  /// damaged database ends it always.
  bool without_damaged = false;
  FileDigest digest_of;
  FileSystem* files = nullptr;  ///< nullptr: the operating system's
  std::function<void(std::uint64_t done, std::uint64_t of)> on_file = nullptr;
};

/// Makes a data folder of a backup. Every file is compared with its sum, every object with its row.
/// The database gets its name last, so a restore that was killed leaves no node. Jobs that ran are
/// queued, and numbers of rows go on a million higher, so that none given since the backup comes to
/// mean anything else. Throws, with nothing left in `folder`: Error(kInvalidArgument) where the
/// folder is not empty or the backup not finished, Error(kNotFound) where there is none,
/// Error(kParse) with the names of damaged files, Error(kUnsupported) where the database is newer
/// than this program, Error(kNoSpace | kStorageFailed) as FileSystem.
BackupSummary RestoreBackup(const RestoreOptions& options, const Clock& clock);

}  // namespace necknode::storage
