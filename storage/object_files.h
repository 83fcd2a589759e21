#pragma once

#include <bitset>
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

/// Objects as files: `<folder of the kind>/<first two hex digits>/<key>`, the key 32 random hex
/// digits. Thread safe.
class ObjectFiles : public ObjectStore {
 public:
  /// Makes the folders; the caller syncs `folder`. `files` and `latch` must outlive it.
  ObjectFiles(std::filesystem::path folder,
              std::optional<std::uint64_t> reserve_bytes,
              FileSystem& files,
              FailureLatch& latch);

  /// Throws Error(kNoSpace) for received and quarantined objects where the reserve is reached.
  std::unique_ptr<ObjectWriter> Create(ObjectKind kind) override;
  std::vector<std::byte> Read(ObjectKind kind, const std::string& key) const override;
  std::filesystem::path PathOf(ObjectKind kind, const std::string& key) const override;
  void Remove(ObjectKind kind, const std::string& key) override;
  std::uint64_t FreeAboveReserve() const override;

  /// Gives an object a second, durable name in quarantine/; the first one stays.
  void LinkToQuarantine(ObjectKind kind, const std::string& key);
  /// Keys of the files of one shard (0 to 255).
  [[nodiscard]] std::vector<std::string> KeysOfShard(ObjectKind kind, int shard) const;

 private:
  [[nodiscard]] std::filesystem::path ShardOf(ObjectKind kind, const std::string& key) const;
  void MakeShard(ObjectKind kind, const std::string& key);

  const std::filesystem::path folder_;
  FileSystem& files_;
  FailureLatch& latch_;
  std::uint64_t reserve_bytes_;
  std::mutex mutex_;
  std::bitset<4 * 256> durable_shards_;  // guarded by mutex_
};

}  // namespace necknode::storage
