#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace necknode::storage {

/// One change of a folder by storage or by SQLite. Paths are relative to the recorded folder, which
/// itself is the empty path.
struct DiskChange {
  enum class What {
    kMakeFolder,
    kCreate,
    kLink,
    kRemove,
    kWrite,
    kTruncate,
    kSyncFile,
    kSyncFolder
  };
  What what{};
  std::filesystem::path path;
  std::filesystem::path name;  ///< kLink: the second name; kSyncFolder by SQLite: the new file
  std::size_t offset = 0;      ///< kWrite; kTruncate: the new size
  std::string bytes;           ///< kWrite
  bool by_sqlite = false;

  [[nodiscard]] bool IsSync() const { return what == What::kSyncFile || what == What::kSyncFolder; }
};

/// What was done to a folder, call by call, until the power goes. Thread safe.
class DiskLog {
 public:
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  /// Goes on after `before`, whose outcome `root` holds. The power goes before the change that
  /// would be number `cut`.
  explicit DiskLog(std::filesystem::path root,
                   std::vector<DiskChange> before = {},
                   std::size_t cut = kNever);
  /// Notes a change that is about to be made. False: the power is off, so it must fail. A path
  /// outside the recorded folder is none of ours and passes.
  [[nodiscard]] bool Add(DiskChange change);
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::vector<DiskChange> changes() const;

 private:
  const std::filesystem::path root_;
  const std::size_t cut_;
  mutable std::mutex mutex_;
  std::vector<DiskChange> changes_;  // guarded by mutex_
};

/// What becomes of that which was not synced.
enum class Loss {
  kNothing,  ///< all is there: a kill
  kAll,      ///< names and bytes are gone, removed names are back
  kBytes,    ///< names are as they were last, bytes as they were synced
  kZeros,    ///< names and sizes are as they were last, what a file grew by is zeros
  kNames,    ///< bytes are as they were last, names as they were synced
  kSome,     ///< by chance: each name, and of each file the first changes or any of its sectors
};

/// A folder as the kernel and as the disk has it: bytes reach the disk by the sync of their file,
/// names (and their removal) by the sync of their folder. Not thread safe.
class Disk {
 public:
  Disk();
  void Apply(const DiskChange& change);
  /// Writes into the empty folder `to` what may be found there after the power went now.
  void LeaveIn(const std::filesystem::path& to, Loss loss, std::mt19937& random) const;

 private:
  struct Change {
    bool truncates = false;
    std::size_t offset = 0;
    std::string bytes;
  };
  struct Node {
    bool folder = false;
    std::string synced;                                                // a file's bytes on disk
    std::vector<Change> unsynced;                                      // in order
    std::map<std::string, std::shared_ptr<Node>> names, synced_names;  // of a folder
  };
  using Contents = std::map<const Node*, std::string>;

  [[nodiscard]] std::shared_ptr<Node> Find(const std::filesystem::path& path) const;
  static void Do(const Change& change, std::string& bytes);
  static std::string Latest(const Node& file);
  static std::string Some(const Node& file, std::mt19937& random);
  static std::string Left(const Node& file, Loss loss, std::mt19937& random);
  static void Leave(const Node& folder,
                    const std::filesystem::path& to,
                    Loss loss,
                    std::mt19937& random,
                    Contents& contents);

  std::shared_ptr<Node> root_;
};

}  // namespace necknode::storage
