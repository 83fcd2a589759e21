#include "storage/instance_committer.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <system_error>

#include "core/log.h"
#include "storage/instance_rows.h"
#include "storage/records.h"

namespace necknode::storage {
namespace {

constexpr std::size_t kMaxBatch = 256;  // keeps the write lock short
constexpr std::size_t kMaxLanes = 8;    // file syncs at once

AddOutcome OutcomeOf(const Error& error) {
  return error.code() == ErrorCode::kStorageFailed ? AddOutcome::kFailed : AddOutcome::kNoSpace;
}

// Runs `work(0)` to `work(count - 1)`, which must not throw, on up to kMaxLanes threads: syncs that
// wait at the same time share one commit of the file system's journal.
template <typename Work>
void SideBySide(std::size_t count, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto lane = [&] {
    for (std::size_t i = next++; i < count; i = next++)
      work(i);
  };
  std::vector<std::jthread> others;
  try {
    while (others.size() + 1 < std::min(count, kMaxLanes))
      others.emplace_back(lane);
  } catch (const std::system_error&) {
    // No more threads to be had: fewer lanes do the same work.
  }
  lane();
}

}  // namespace

GroupCommitter::GroupCommitter(Connections& connections,
                               ObjectFiles& files,
                               QuarantineFolder& quarantine,
                               FailureLatch& latch,
                               const Clock& clock)
    : connections_(connections),
      files_(files),
      quarantine_(quarantine),
      latch_(latch),
      clock_(clock),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

GroupCommitter::~GroupCommitter() {
  thread_.request_stop();
  thread_.join();
}

void GroupCommitter::Submit(ReceivedInstance instance, Done done) {
  const InstanceHeader& header = instance.header;
  if (header.sop_instance_uid.empty() || header.series_instance_uid.empty() ||
      header.study_instance_uid.empty() || instance.file_digest.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "an instance needs the UIDs of study, series and instance, and its digest");
  }
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = queue_.emplace_back();
    entry.instance = std::move(instance);
    entry.done = std::move(done);
  }
  submitted_.notify_one();
}

void GroupCommitter::Run(const std::stop_token& stop) {
  while (true) {
    Batch batch;
    {
      std::unique_lock lock(mutex_);
      submitted_.wait(lock, stop, [this] { return !queue_.empty(); });
      if (queue_.empty())
        return;
      const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), kMaxBatch));
      batch.assign(std::make_move_iterator(queue_.begin()),
                   std::make_move_iterator(queue_.begin() + count));
      queue_.erase(queue_.begin(), queue_.begin() + count);
    }
    CommitBatch(batch);
    for (auto& entry : batch) {
      entry.instance.file.reset();
      entry.done(entry.outcome, entry.detail);
    }
  }
}

void GroupCommitter::CommitBatch(Batch& batch) {
  try {
    latch_.Check();
    RemoveDoubtful();
  } catch (const Error& error) {
    std::vector<Entry*> all;
    for (auto& entry : batch)
      all.push_back(&entry);
    NotStored(all, error);
    return;
  }
  SyncFiles(batch);
  std::vector<Entry*> entries;
  for (auto& entry : batch) {
    if (!entry.answered)
      entries.push_back(&entry);
  }
  if (!entries.empty())
    CommitRows(entries);
}

// A re-sent instance needs no second durable copy; the transaction judges again.
std::vector<GroupCommitter::Entry*> GroupCommitter::WithoutDurableCopy(Batch& batch) {
  std::vector<Entry*> entries;
  for (auto& entry : batch) {
    try {
      const auto& instance = entry.instance;
      const bool known = connections_.Read([&](Database& database) {
        return HasSameBytes(database, instance.header.sop_instance_uid, instance.file_digest);
      });
      if (!known)
        entries.push_back(&entry);
    } catch (const Error& error) {
      std::vector<Entry*> failed = {&entry};
      NotStored(failed, error);
    }
  }
  return entries;
}

void GroupCommitter::SyncFiles(Batch& batch) {
  const auto entries = WithoutDurableCopy(batch);
  SideBySide(entries.size(), [&](std::size_t i) {
    Entry& entry = *entries[i];
    try {
      entry.instance.file->SyncBytes();
    } catch (const Error& error) {
      entry.failure = error;
    }
  });
  for (Entry* entry : entries) {
    try {
      if (entry->failure)
        throw Error(*entry->failure);
      entry->instance.file->Sync();
      entry->synced = true;
    } catch (const Error& error) {
      std::vector<Entry*> failed = {entry};
      NotStored(failed, error);
    }
  }
}

void GroupCommitter::CommitRows(std::vector<Entry*>& entries) {
  Removals removals;
  bool commit_tried = false;
  try {
    latch_.Guard([&] {
      const Stamp stamp(clock_);
      Connections::Writing writing(connections_);
      for (Entry* entry : entries)
        AddRows(writing.database(), *entry, stamp, removals);
      commit_tried = true;
      writing.Commit();
    });
  } catch (const Error& error) {
    if (commit_tried) {
      for (Entry* entry : entries) {
        if (entry->synced)
          doubtful_.Add(entry->instance.file->kind(), entry->instance.file->key());
        entry->synced = false;
      }
    } else if (entries.size() > 1 && error.code() != ErrorCode::kNoSpace &&
               error.code() != ErrorCode::kStorageFailed) {
      // One instance that the database refuses must not take the others with it.
      for (Entry* entry : entries) {
        std::vector<Entry*> one = {entry};
        CommitRows(one);
      }
      return;
    }
    NotStored(entries, error);
    return;
  }
  for (Entry* entry : entries)
    entry->answered = true;
  removals.Carry(files_);
}

void GroupCommitter::AddRows(Database& database,
                             Entry& entry,
                             const Stamp& stamp,
                             Removals& removals) {
  auto& instance = entry.instance;
  ObjectWriter& file = *instance.file;
  auto added = AddInstance(database,
                           {instance.header,
                            file.key(),
                            instance.file_digest,
                            file.size(),
                            instance.calling_ae,
                            instance.called_ae,
                            instance.association,
                            instance.move_originator},
                           stamp);
  entry.outcome = added.outcome;
  entry.detail = std::move(added.detail);
  if (added.outcome != AddOutcome::kSameBytes && !entry.synced) {
    file.Sync();
    entry.synced = true;
  }
  if (added.outcome == AddOutcome::kConflict) {
    quarantine_.Add(database,
                    file.kind(),
                    file.key(),
                    file.size(),
                    instance.calling_ae,
                    entry.detail,
                    stamp,
                    removals);
  }
  const bool named =
      added.outcome == AddOutcome::kStored || added.outcome == AddOutcome::kNewRevision;
  // An unsynced file goes with its writer.
  if (!named && entry.synced)
    removals.Add(file.kind(), file.key());
}

void GroupCommitter::NotStored(std::vector<Entry*>& entries, const Error& error) {
  for (Entry* entry : entries) {
    entry->answered = true;
    entry->outcome = OutcomeOf(error);
    entry->detail = error.what();
    if (!entry->synced)
      continue;
    try {
      entry->instance.file->Discard();
    } catch (const Error& failed) {
      Log(LogLevel::kError, "object_not_removed", {{"reason", failed.what()}});
    }
  }
  Log(LogLevel::kError,
      "not_stored",
      {{"instances", entries.size()}, {"code", ToString(error.code())}, {"reason", error.what()}});
}

void GroupCommitter::RemoveDoubtful() {
  if (doubtful_.empty())
    return;
  connections_.Write([&](Database& database) {
    AddAudit(
        database, {"storage", "receiver", "recovered", "a commit succeeded again"}, Stamp(clock_));
  });
  doubtful_.Carry(files_);
}

}  // namespace necknode::storage
