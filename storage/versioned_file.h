#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "storage/file_system.h"

namespace necknode::storage {

/// What tells a file from the one that stood there before; differs after every replacement and
/// after nearly every edit in place.
struct FileMark {
  std::uint64_t inode = 0, bytes = 0;
  std::int64_t changed_ns = 0;
  bool operator==(const FileMark&) const = default;
};

/// A small text file of the data folder that is only ever replaced whole, and the texts it had:
/// `peers.toml` and `peers/0001.toml`, `peers/0002.toml`, ... Killed or out of space at any point,
/// a replacement leaves the text before it or the new one. Every process has its own object. Not
/// thread safe.
class VersionedFile {
 public:
  /// Versions that are kept, the newest.
  static constexpr int kMostVersions = 200;

  /// Makes nothing. `files` must outlive it.
  VersionedFile(const std::filesystem::path& folder,
                const std::string& name,
                FileSystem& files = SystemFiles());

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// nullopt: there is none yet.
  [[nodiscard]] std::optional<std::string> Read() const;
  /// Cheap enough for every second. nullopt: there is no file.
  [[nodiscard]] std::optional<FileMark> Mark() const;
  /// Makes Mark() differ while the text stays, so that whoever waits for a change looks again.
  void Touch() const;
  /// Numbers of the kept versions, oldest first. One whose replacement was never finished is none.
  [[nodiscard]] std::vector<int> Versions() const;
  [[nodiscard]] std::optional<std::string> ReadVersion(int number) const;

  /// Keeps other processes and objects from replacing the file while it lives.
  class Lock {
   public:
    /// Waits. Throws Error(kStorageFailed | kNoSpace).
    explicit Lock(const VersionedFile& file);
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    int descriptor_;
  };

  /// Durably copies the file as it is to `peers/<label>-0001.toml` or the next free number, which
  /// is no version; returns that name. Throws Error(kNoSpace | kStorageFailed). Hold a Lock.
  std::string KeepAside(const std::string& label) const;

  /// Durably makes `text` version `number` and the file's text. Hold a Lock. `before_rename` is
  /// called when all is written and nothing in force yet; where it throws, nothing changes. Throws
  /// Error(kNoSpace | kStorageFailed); where the failure is of the last sync the new text may be in
  /// force.
  void Replace(int number,
               const std::string& text,
               const std::function<void()>& before_rename) const;

 private:
  [[nodiscard]] std::filesystem::path VersionPath(int number) const;
  [[nodiscard]] std::optional<std::string> TextOf(const std::filesystem::path& path) const;
  void Write(const std::filesystem::path& path, const std::string& text) const;
  void DropOldVersions() const;

  const std::filesystem::path folder_, path_, fresh_, versions_;
  FileSystem& files_;
};

}  // namespace necknode::storage
