#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace necknode::storage {

/// The folders of the data directory that hold files named by a random key (docs/data_on_disk.md).
enum class ObjectKind { kReceived, kResult, kQuarantine };

/// A new object that is being written under its final random name. Nothing names it until its row
/// is committed: a file without a row is swept at start. Destroyed without Sync(), it removes its
/// file. Not thread safe.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  /// Appends. Throws Error(kNoSpace) when the disk is full, Error(kStorageFailed) on any other
  /// failure.
  virtual void Write(std::span<const std::byte> bytes) = 0;
  /// Makes the bytes durable (fdatasync) and closes; the name is not, Sync() is still to be called.
  /// For many files at once: each on a thread of its own costs the disk less than all in turn.
  /// Throws as Write.
  virtual void SyncBytes() = 0;
  /// Makes bytes and folder entry durable (fdatasync, fsync of the folder) and closes. Throws as
  /// Write.
  virtual void Sync() = 0;
  /// Removes the file of an object that was synced but whose row was not committed.
  virtual void Discard() = 0;
  [[nodiscard]] virtual ObjectKind kind() const = 0;
  [[nodiscard]] virtual const std::string& key() const = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
};

/// Of the file system that holds the data folder.
struct DiskSpace {
  std::uint64_t capacity_bytes = 0;
  std::uint64_t free_bytes = 0;  ///< for unprivileged writers
  std::uint64_t free_above_reserve_bytes = 0;
  std::uint64_t reserve_bytes = 0;  ///< with less free nothing is accepted
};

/// Objects by key. Nobody outside storage/ builds a path. Thread safe.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  /// Throws Error(kNoSpace) where descriptors are used up or, for received objects, the reserve is
  /// reached. The writer must not outlive the store.
  [[nodiscard]] virtual std::unique_ptr<ObjectWriter> Create(ObjectKind kind) = 0;
  /// The whole object. Throws Error(kNotFound) where there is none, Error(kInternal) where it
  /// cannot be read, Error(kInvalidArgument) for what is no key, Error(kStorageFailed) never.
  [[nodiscard]] virtual std::vector<std::byte> Read(ObjectKind kind,
                                                    const std::string& key) const = 0;
  /// At most `size` bytes from `offset` on; fewer where the object ends before. Throws as Read.
  [[nodiscard]] virtual std::vector<std::byte> ReadPart(ObjectKind kind,
                                                        const std::string& key,
                                                        std::uint64_t offset,
                                                        std::size_t size) const = 0;
  /// A path for libraries that can only open files; valid while the object exists.
  [[nodiscard]] virtual std::filesystem::path PathOf(ObjectKind kind,
                                                     const std::string& key) const = 0;
  virtual void Remove(ObjectKind kind, const std::string& key) = 0;
  /// Bytes free for unprivileged writers above the reserve; 0 when the reserve is reached.
  [[nodiscard]] virtual std::uint64_t FreeAboveReserve() const = 0;
  [[nodiscard]] virtual DiskSpace Disk() const = 0;
};

}  // namespace necknode::storage
