#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/error.h"

namespace necknode::storage {

/// A new file that is being written. Destroyed without Close(), it is closed without a word. Not
/// thread safe.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual void Write(std::span<const std::byte> bytes) = 0;
  virtual void Sync() = 0;  ///< fdatasync
  virtual void Close() = 0;
};

/// Bytes of the file system that holds a folder.
struct Space {
  std::uint64_t total = 0;
  std::uint64_t free = 0;  ///< for unprivileged writers
};

/// Every file call that storage makes itself (SQLite makes its own). Tests give one that fails on
/// the n-th call or that remembers what was synced. All functions throw: Error(kNoSpace) where
/// disk, quota or descriptors are used up, Error(kStorageFailed) for any other failed change,
/// Error(kNotFound | kInternal) for a failed read. Thread safe.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// Makes the folder for owner and group; one that exists already is fine.
  virtual void MakeFolder(const std::filesystem::path& folder) = 0;
  virtual void SyncFolder(const std::filesystem::path& folder) = 0;
  /// Makes a file that must not exist yet.
  [[nodiscard]] virtual std::unique_ptr<WritableFile> Create(const std::filesystem::path& file) = 0;
  /// Makes the bytes of a file that something else wrote durable.
  virtual void SyncFile(const std::filesystem::path& file) = 0;
  /// Gives an existing file a second name, which must be free.
  virtual void Link(const std::filesystem::path& file, const std::filesystem::path& name) = 0;
  /// Gives a file another name at one instant; what had that name is gone.
  virtual void Rename(const std::filesystem::path& file, const std::filesystem::path& name) = 0;
  /// Removes a file's name; one that is gone already is fine.
  virtual void Remove(const std::filesystem::path& file) = 0;

  [[nodiscard]] virtual std::vector<std::byte> Read(const std::filesystem::path& file) const = 0;
  /// At most `size` bytes from `offset` on; fewer where the file ends before.
  [[nodiscard]] virtual std::vector<std::byte> ReadPart(const std::filesystem::path& file,
                                                        std::uint64_t offset,
                                                        std::size_t size) const = 0;
  /// Names in a folder; none where it does not exist.
  [[nodiscard]] virtual std::vector<std::string> List(
      const std::filesystem::path& folder) const = 0;
  [[nodiscard]] virtual Space SpaceOf(const std::filesystem::path& folder) const = 0;
};

/// The operating system's. Thread safe.
[[nodiscard]] FileSystem& SystemFiles();

/// What a failed change of the data folder means: kNoSpace for ENOSPC, EDQUOT and used-up
/// descriptors or memory, kStorageFailed for every other errno.
[[nodiscard]] Error ChangeFailed(int error_number, const std::string& what);

}  // namespace necknode::storage
