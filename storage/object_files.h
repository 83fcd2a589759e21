#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/failure_latch.h"
#include "storage/file_system.h"
#include "storage/object_store.h"

namespace necknode::storage {

/// One of the 256 folders that share the files of a kind. Names are numbered as they are made, so
/// that one sync of the folder serves all files made before it. Thread safe.
class Shard {
 public:
  /// Makes the folder durable, where this process has not yet done so.
  void Make(const std::filesystem::path& folder, FileSystem& files);
  /// To be called once the file has its name; gives the name's number.
  [[nodiscard]] std::uint64_t AddName();
  /// Makes the name durable, unless a sync that began after it was made has done so.
  void SyncName(std::uint64_t number, const std::filesystem::path& folder, FileSystem& files);

 private:
  std::mutex mutex_;
  bool durable_ = false;      // guarded by mutex_, as the rest
  std::uint64_t names_ = 0;   // numbers given
  std::uint64_t synced_ = 0;  // names up to this number are durable
};

/// Objects as files: `<folder of the kind>/<first two hex digits>/<key>`, the key 32 random hex
/// digits. What is made in a row lies in the same folder, so that it can be synced together.
/// Thread safe.
class ObjectFiles : public ObjectStore {
 public:
  static constexpr std::size_t kShards = 256;

  /// Makes the folders; the caller syncs `folder`. `files` and `latch` must outlive it.
  ObjectFiles(std::filesystem::path folder,
              std::optional<std::uint64_t> reserve_bytes,
              FileSystem& files,
              FailureLatch& latch);

  /// Throws Error(kNoSpace) for received and quarantined objects where the reserve is reached.
  std::unique_ptr<ObjectWriter> Create(ObjectKind kind) override;
  std::vector<std::byte> Read(ObjectKind kind, const std::string& key) const override;
  std::vector<std::byte> ReadPart(ObjectKind kind,
                                  const std::string& key,
                                  std::uint64_t offset,
                                  std::size_t size) const override;
  std::filesystem::path PathOf(ObjectKind kind, const std::string& key) const override;
  void Remove(ObjectKind kind, const std::string& key) override;
  std::uint64_t FreeAboveReserve() const override;
  DiskSpace Disk() const override;

  /// Gives an object a second, durable name in quarantine/; the first one stays.
  void LinkToQuarantine(ObjectKind kind, const std::string& key);
  /// Keys of the files of one shard (0 to kShards - 1).
  [[nodiscard]] std::vector<std::string> KeysOfShard(ObjectKind kind, std::size_t shard) const;

 private:
  // Where the next keys of a kind begin.
  struct Prefix {
    std::string digits;
    int left = 0;  // keys that still get it
  };
  static constexpr std::size_t kKinds = 3;

  [[nodiscard]] std::string NewKey(ObjectKind kind);
  [[nodiscard]] std::filesystem::path FolderOf(ObjectKind kind, const std::string& key) const;
  /// The shard of a key, its folder made and durable.
  Shard& ReadyShard(ObjectKind kind, const std::string& key);

  const std::filesystem::path folder_;
  FileSystem& files_;
  FailureLatch& latch_;
  std::uint64_t reserve_bytes_;
  std::array<Shard, kKinds * kShards> shards_;
  std::mutex mutex_;
  std::array<Prefix, kKinds> prefixes_;  // guarded by mutex_
};

}  // namespace necknode::storage
