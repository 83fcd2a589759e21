#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "storage/connections.h"
#include "storage/object_files.h"
#include "storage/quarantine.h"
#include "storage/study_index.h"

namespace necknode::storage {

/// T1 with a commit that is shared among whatever was submitted while the one before ran.
class GroupCommitter : public InstanceCommitter {
 public:
  /// All must outlive it.
  GroupCommitter(Connections& connections,
                 ObjectFiles& files,
                 QuarantineFolder& quarantine,
                 FailureLatch& latch,
                 const Clock& clock);
  ~GroupCommitter() override;

  void Submit(ReceivedInstance instance, Done done) override;

 private:
  struct Entry {
    ReceivedInstance instance;
    Done done;
    bool synced = false;
    bool answered = false;  // outcome is final
    AddOutcome outcome = AddOutcome::kFailed;
    std::string detail;
    std::optional<Error> failure = {};  // of its file's sync
  };
  using Batch = std::vector<Entry>;

  void Run(const std::stop_token& stop);
  void CommitBatch(Batch& batch);
  void SyncFiles(Batch& batch);
  [[nodiscard]] std::vector<Entry*> WithoutDurableCopy(Batch& batch);
  void CommitRows(std::vector<Entry*>& entries);
  void AddRows(Database& database, Entry& entry, const Stamp& stamp, Removals& removals);
  void NotStored(std::vector<Entry*>& entries, const Error& error);
  void RemoveDoubtful();

  Connections& connections_;
  ObjectFiles& files_;
  QuarantineFolder& quarantine_;
  FailureLatch& latch_;
  const Clock& clock_;
  // Files of a commit that failed for want of space. Its rows could still turn up after a crash,
  // until another commit overwrites them in the log: only then are the files removed. Used by the
  // thread alone.
  Removals doubtful_;
  std::mutex mutex_;
  std::condition_variable_any submitted_;
  Batch queue_;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace necknode::storage
