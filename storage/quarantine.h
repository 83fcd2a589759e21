#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "storage/connections.h"
#include "storage/object_files.h"
#include "storage/store.h"

namespace necknode::storage {

/// Files to be removed once a transaction is committed: no row names them any more.
class Removals {
 public:
  void Add(ObjectKind kind, std::string key) { files_.emplace_back(kind, std::move(key)); }
  /// Never throws: a file that stays is swept at the next start, and a failure is remembered by the
  /// latch.
  void Carry(ObjectFiles& files) noexcept;
  [[nodiscard]] bool empty() const { return files_.empty(); }

 private:
  std::vector<std::pair<ObjectKind, std::string>> files_;
};

/// The quarantine's rows and files: bounded in size, the oldest go first.
class QuarantineFolder {
 public:
  QuarantineFolder(ObjectFiles& files, std::uint64_t limit_bytes)
      : files_(files), limit_bytes_(limit_bytes) {}

  /// Within a write transaction: gives the synced file `key` of `kind` a second name in quarantine/
  /// and its row, and an audit row. Rows that go for it are named in `removals`. A file larger than
  /// the whole limit gets the audit row only.
  void Add(Database& database,
           ObjectKind kind,
           const std::string& key,
           std::uint64_t bytes,
           const std::string& calling_ae,
           const std::string& reason,
           const Stamp& stamp,
           Removals& removals);

 private:
  ObjectFiles& files_;
  const std::uint64_t limit_bytes_;
};

/// Removes a row, with an audit row; names its file in `removals`. Throws Error(kNotFound).
void RemoveQuarantined(Database& database,
                       std::int64_t id,
                       const std::string& user,
                       const Stamp& stamp,
                       Removals& removals);

/// Newest first, of those with smaller numbers than `before`.
[[nodiscard]] std::vector<QuarantineRow> ReadQuarantine(Database& database,
                                                        std::int64_t before,
                                                        std::int64_t limit);

}  // namespace necknode::storage
