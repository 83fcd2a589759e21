#include "storage/store.h"

#include <array>
#include <string>

#include <unistd.h>

#include "core/digest.h"
#include "core/log.h"
#include "storage/connections.h"
#include "storage/figure_rows.h"
#include "storage/instance_committer.h"
#include "storage/object_files.h"
#include "storage/peer_names.h"
#include "storage/quarantine.h"
#include "storage/records.h"
#include "storage/retention.h"
#include "storage/sqlite_archive_requests.h"
#include "storage/sqlite_audit_feed.h"
#include "storage/sqlite_backup.h"
#include "storage/sqlite_catalog.h"
#include "storage/sqlite_commitment_requests.h"
#include "storage/sqlite_commitments.h"
#include "storage/sqlite_job_queue.h"
#include "storage/sqlite_notices.h"
#include "storage/sqlite_outbox.h"
#include "storage/sqlite_prior_studies.h"
#include "storage/sqlite_study_holds.h"
#include "storage/sqlite_study_index.h"
#include "storage/sqlite_users.h"
#include "storage/study_rows.h"

namespace necknode::storage {
namespace {

void MakeFolders(const std::filesystem::path& folder, FileSystem& files) {
  if (std::filesystem::is_directory(folder))
    return;
  if (folder.has_parent_path() && folder.parent_path() != folder)
    MakeFolders(folder.parent_path(), files);
  files.MakeFolder(folder);
}

// Of folders that an earlier, failed start made as well. Those that cannot be read are not ours.
void SyncParents(const std::filesystem::path& folder, FileSystem& files) {
  for (auto path = folder; path.has_relative_path(); path = path.parent_path()) {
    if (::access(path.parent_path().c_str(), R_OK) == 0)
      files.SyncFolder(path.parent_path());
  }
}

// Finds a folder that cannot be written and synced before anything is acknowledged. A full disk
// passes: it may be what an administrator wants to look into with this very program.
void Probe(const std::filesystem::path& folder, FileSystem& files) {
  const auto path = folder / ("probe-" + RandomHex(8));
  constexpr std::string_view kText = "necknode start-up probe";
  try {
    {
      const auto file = files.Create(path);
      file->Write(std::as_bytes(std::span(kText)));
      file->Sync();
      file->Close();
    }
    files.SyncFolder(folder);
    files.Remove(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNoSpace)
      throw;
    Log(LogLevel::kWarning, "data_folder_full", {{"reason", error.what()}});
    files.Remove(path);
  }
}

std::filesystem::path Prepared(const StoreOptions& options, FileSystem& files) {
  const auto folder = std::filesystem::absolute(options.folder).lexically_normal();
  MakeFolders(folder, files);
  if (!std::filesystem::exists(folder / kDatabaseFile))
    SyncParents(folder, files);
  Probe(folder, files);
  files.MakeFolder(folder / "backup");
  return folder;
}

class NodeStore : public Store {
 public:
  NodeStore(const StoreOptions& options, const Clock& clock, FileSystem& files)
      : clock_(clock),
        files_(files),
        folder_(Prepared(options, files)),
        objects_(folder_, options.reserve_bytes, files, latch_),
        connections_(folder_, files, latch_, clock),
        quarantine_(objects_, options.quarantine_limit_bytes),
        studies_(connections_, clock),
        holds_(connections_, clock),
        archive_requests_(connections_, clock),
        priors_(connections_, clock),
        jobs_(connections_, objects_, quarantine_, clock, options.max_deaths_alone),
        outbox_(connections_, clock),
        commitments_(connections_, clock),
        commitment_requests_(connections_, clock),
        audit_feed_(connections_, clock),
        catalog_(connections_, clock),
        users_(connections_, clock),
        notices_(connections_, clock) {
    RestartQuietTimes(connections_, Stamp(clock_));
  }

  ObjectStore& objects() override { return objects_; }
  StudyIndex& studies() override { return studies_; }
  StudyHolds& holds() override { return holds_; }
  ArchiveRequests& archive_requests() override { return archive_requests_; }
  PriorStudies& priors() override { return priors_; }
  JobQueue& jobs() override { return jobs_; }
  Outbox& outbox() override { return outbox_; }
  Commitments& commitments() override { return commitments_; }
  CommitmentRequests& commitment_requests() override { return commitment_requests_; }
  AuditFeed& audit_feed() override { return audit_feed_; }
  Catalog& catalog() override { return catalog_; }
  Users& users() override { return users_; }
  Notices& notices() override { return notices_; }

  std::unique_ptr<InstanceCommitter> MakeCommitter() override {
    return std::make_unique<GroupCommitter>(connections_, objects_, quarantine_, latch_, clock_);
  }

  int SweepOrphans(ObjectKind kind) override {
    // Names in quarantine/ are made within write transactions, by any role.
    if (kind == ObjectKind::kQuarantine) {
      return connections_.WithoutWriters([&] { return Sweep(kind); });
    }
    return Sweep(kind);
  }

  Removed RemoveExpired(const RetentionLimits& limits) override {
    Removals removals;
    const Removed removed = connections_.Write([&](Database& database) {
      return RemoveOneExpired(database, limits, Stamp(clock_), removals);
    });
    removals.Carry(objects_);
    return removed;
  }

  bool Checkpoint() override { return connections_.Checkpoint(); }

  BackupSummary BackUp(const BackupOptions& options) override {
    return WriteBackup(options, folder_, objects_, connections_, files_, clock_);
  }

  void AuditAll(const std::vector<AuditEvent>& events) override {
    connections_.Write([&](Database& database) {
      const Stamp stamp(clock_);
      for (const AuditEvent& event : events)
        AddAudit(database, event, stamp);
    });
  }
  std::vector<AuditRow> AuditTrail(int limit) const override {
    return connections_.Read([&](Database& database) { return ReadAudit(database, limit); });
  }
  void RenamePeer(const std::string& from, const std::string& to) override {
    connections_.Write([&](Database& database) { storage::RenamePeer(database, from, to); });
  }
  void ReportRole(const RoleStatus& status) override {
    connections_.Write([&](Database& database) { WriteRole(database, status); });
  }
  std::vector<RoleStatus> Roles() const override {
    return connections_.Read([](Database& database) { return ReadRoles(database); });
  }
  NodeFigures Figures() const override {
    return connections_.Read(
        [&](Database& database) { return ReadFigures(database, Stamp(clock_)); });
  }
  void ReportPackages(const std::vector<PackageRow>& packages) override {
    connections_.Write([&](Database& database) { WritePackages(database, packages); });
  }
  std::vector<PackageRow> Packages() const override {
    return connections_.Read([](Database& database) { return ReadPackages(database); });
  }

  void Quarantine(std::unique_ptr<ObjectWriter> file,
                  const std::string& calling_ae,
                  const std::string& reason) override {
    file->Sync();
    Removals removals;
    connections_.Write([&](Database& database) {
      quarantine_.Add(database,
                      file->kind(),
                      file->key(),
                      file->size(),
                      calling_ae,
                      reason,
                      Stamp(clock_),
                      removals);
    });
    if (file->kind() != ObjectKind::kQuarantine)
      file->Discard();
    removals.Carry(objects_);
  }

  std::vector<QuarantineRow> QuarantineList(int limit) const override {
    return connections_.Read(
        [&](Database& database) { return ReadQuarantine(database, AtMost(0), AtMost(limit)); });
  }

  void DiscardQuarantined(std::int64_t id, const std::string& user) override {
    Removals removals;
    connections_.Write([&](Database& database) {
      RemoveQuarantined(database, id, user, Stamp(clock_), removals);
    });
    removals.Carry(objects_);
  }

 private:
  // A query that finds the row that names a key.
  static const char* NamingQuery(ObjectKind kind) {
    switch (kind) {
      case ObjectKind::kReceived:
        return "SELECT 1 FROM instances WHERE object_key = ? AND state <> 'deleted'";
      case ObjectKind::kResult:
        return "SELECT 1 FROM results WHERE object_key = ? AND state <> 'deleted'";
      case ObjectKind::kQuarantine:
        return "SELECT 1 FROM quarantine WHERE object_key = ?";
    }
    throw Error(ErrorCode::kInternal, "unknown kind of object");
  }

  int Sweep(ObjectKind kind) {
    const char* naming = NamingQuery(kind);
    int removed = 0;
    for (std::size_t shard = 0; shard < ObjectFiles::kShards; ++shard) {
      for (const auto& key : objects_.KeysOfShard(kind, shard)) {
        const bool named = connections_.Read(
            [&](Database& database) { return database.Integer(naming, key).has_value(); });
        if (named)
          continue;
        objects_.Remove(kind, key);
        ++removed;
      }
    }
    if (removed > 0)
      Log(LogLevel::kInfo, "orphans_removed", {{"files", removed}});
    return removed;
  }

  const Clock& clock_;
  FileSystem& files_;
  const std::filesystem::path folder_;
  FailureLatch latch_;
  ObjectFiles objects_;
  Connections connections_;
  QuarantineFolder quarantine_;
  SqliteStudyIndex studies_;
  SqliteStudyHolds holds_;
  SqliteArchiveRequests archive_requests_;
  SqlitePriorStudies priors_;
  SqliteJobQueue jobs_;
  SqliteOutbox outbox_;
  SqliteCommitments commitments_;
  SqliteCommitmentRequests commitment_requests_;
  SqliteAuditFeed audit_feed_;
  SqliteCatalog catalog_;
  SqliteUsers users_;
  SqliteNotices notices_;
};

}  // namespace

std::unique_ptr<Store> Store::Open(const StoreOptions& options, const Clock& clock) {
  FileSystem& files = options.files != nullptr ? *options.files : SystemFiles();
  return std::make_unique<NodeStore>(options, clock, files);
}

}  // namespace necknode::storage
