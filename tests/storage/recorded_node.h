#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/sqlite.h"
#include "tests/storage/recording_files.h"
#include "tests/storage/recording_vfs.h"
#include "tests/storage/storage_fixture.h"

namespace necknode::storage {

/// What a power cut left, opened again: the store, and its rows for a look at all of them.
struct Left {
  Store& store;
  Database& rows;
};

/// What was acknowledged: holds for a cut after `from` to `until` changes.
struct Promise {
  std::size_t from = 0, until = DiskLog::kNever;
  std::string what;
  std::function<bool(Left&)> kept;
};

/// Bytes that end with a digest of the others.
[[nodiscard]] std::vector<std::byte> SealedBytes(unsigned seed);
[[nodiscard]] bool IsWhole(const std::vector<std::byte>& bytes);

/// T3 as a worker makes it: two documents for a destination each. False where there is no job.
bool FinishNextJob(Store& store);

/// A node that goes through its life once, with each change of its data folder noted: receives (new
/// instances, the same bytes, a revision, a conflict), makes jobs, finishes and delivers them,
/// checkpoints, removes an old study, puts an object into quarantine, starts again.
class RecordedNode {
 public:
  /// The data folder within the recorded one, and a folder that the first start has to make.
  static constexpr const char* kDataFolder = "new/data";
  static constexpr int kDeliveredStudy = 1, kWaitingStudy = 2, kLastStudy = 3;

  /// The power goes before change number `cut`.
  explicit RecordedNode(std::size_t cut = DiskLog::kNever);
  /// Lives until the end, or until the call that finds the power off. Returns the error of that
  /// call, or empty.
  std::string Live();

  [[nodiscard]] std::vector<DiskChange> changes() const { return log_.changes(); }
  [[nodiscard]] const std::vector<Promise>& promises() const { return promises_; }
  /// The changes of retention: from the first to the one after the last.
  [[nodiscard]] std::pair<std::size_t, std::size_t> retention() const { return retention_; }

 private:
  struct Sent {
    InstanceHeader header;
    unsigned seed = 0;
    std::string calling_ae = "PACS", called_ae = "NECKNODE";
  };

  void LiveOrThrow();
  void Open();
  /// All of them submitted at once; waits for the answers.
  void Send(const std::vector<Sent>& instances);
  void Acknowledged(const Sent& sent, AddOutcome outcome, std::size_t from);
  void Analyse(int study);
  void Deliver(int study);
  void RemoveExpired();
  void Quarantine();
  void Promised(std::string what, std::function<bool(Left&)> kept);

  tests::TempFolder folder_;
  DiskLog log_;
  RecordingFiles files_;
  RecordingVfs vfs_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  std::vector<Promise> promises_;
  std::pair<std::size_t, std::size_t> retention_;
};

}  // namespace necknode::storage
