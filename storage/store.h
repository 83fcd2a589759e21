#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "storage/archive_requests.h"
#include "storage/audit_trail.h"
#include "storage/backup.h"
#include "storage/catalog.h"
#include "storage/commitment_requests.h"
#include "storage/commitments.h"
#include "storage/counters.h"
#include "storage/job_queue.h"
#include "storage/node_figures.h"
#include "storage/notices.h"
#include "storage/object_store.h"
#include "storage/outbox.h"
#include "storage/prior_studies.h"
#include "storage/quarantine_row.h"
#include "storage/study_holds.h"
#include "storage/study_index.h"
#include "storage/users.h"

namespace necknode::storage {

class FileSystem;

/// The database within the data folder: a folder without it holds no node.
inline constexpr const char* kDatabaseFile = "necknode.db";

/// What each role says of itself, at most every 5 s.
struct RoleStatus {
  std::string role;  ///< "receiver", "coordinator", "worker cpu", "sender"
  int pid = 0;       ///< 0: it has ended
  WallTime started{}, updated{};
  std::string text;  ///< one line
  /// Since `started`. A role that has ended and gives none keeps those that it had.
  std::vector<CounterSample> counters = {};
  bool died = false;  ///< written: it ended unasked, which counts as a restart
  int restarts = 0;   ///< read: of all times
};

/// A model package as a worker found it at its start.
struct PackageRow {
  std::string package;  ///< "<name>/<version>"
  std::string digest;
  bool clinical = false, usable = false;
  std::string reason;             ///< why it is not usable
  std::string limits_json = {};   ///< intended use, a JSON object, or empty
  std::string warning = {};       ///< that its documents carry
  std::string figures_json = {};  ///< measured figures, a JSON object, or empty
};

struct StoreOptions {
  std::filesystem::path folder;
  /// Kept free; nullopt: the smaller of 2 GiB and 5% of the file system.
  std::optional<std::uint64_t> reserve_bytes;
  std::uint64_t quarantine_limit_bytes = 1ULL << 30;
  /// A job whose worker died this often while it held only this job is parked.
  int max_deaths_alone = 3;
  /// nullptr: the operating system's. Tests give their own; it must outlive the store.
  FileSystem* files = nullptr;
};

/// When the objects of finished studies go. 0: no such limit.
struct RetentionLimits {
  std::chrono::milliseconds max_age{0};  ///< since the study's last slice, job or delivery
  std::uint64_t max_bytes = 0;           ///< of received objects and results together
};
struct Removed {
  int studies = 0;
  int objects = 0;
  std::uint64_t bytes = 0;
};

/// All persistent state of a node: one folder with objects and one SQLite database
/// (docs/data_on_disk.md). Every process of the node opens its own Store on the same folder. Thread
/// safe.
class Store {
 public:
  /// Opens, or creates, the folder and brings the schema up to date (after a backup of the
  /// database). Throws Error(kStorageFailed) where the folder cannot be written and synced,
  /// Error(kUnsupported) where the schema is newer than this program. `clock` must outlive the
  /// store.
  /// Never fork a process that has an open store, but to exec at once.
  [[nodiscard]] static std::unique_ptr<Store> Open(const StoreOptions& options, const Clock& clock);
  virtual ~Store() = default;

  virtual ObjectStore& objects() = 0;
  virtual StudyIndex& studies() = 0;
  virtual StudyHolds& holds() = 0;
  virtual ArchiveRequests& archive_requests() = 0;
  virtual PriorStudies& priors() = 0;
  virtual JobQueue& jobs() = 0;
  virtual Outbox& outbox() = 0;
  virtual Commitments& commitments() = 0;
  virtual CommitmentRequests& commitment_requests() = 0;
  virtual Catalog& catalog() = 0;
  [[nodiscard]] virtual std::unique_ptr<InstanceCommitter> MakeCommitter() = 0;

  /// Removes files of `kind` that no row names: leftovers of a process that died. Call only while
  /// no process writes that kind: kReceived and kQuarantine at the receiver's start, kResult
  /// before any worker starts. Returns how many were removed.
  virtual int SweepOrphans(ObjectKind kind) = 0;
  /// Removes received objects and results of one finished study, the one untouched for longest, if
  /// the limits want it; its rows stay as tombstones. Returns zeros where nothing must go.
  virtual Removed RemoveExpired(const RetentionLimits& limits) = 0;
  /// Writes the database's log into the database (SQLite checkpoint). Returns false where a reader
  /// was in the way.
  virtual bool Checkpoint() = 0;

  /// Writes a backup (backup.h) while the node works: the database of one instant, the objects that
  /// its rows name, each compared with its row. Objects received later are not in it. What is
  /// damaged is in the backup, and in the summary. Throws Error(kInvalidArgument) where the folder
  /// is not empty or within the data folder, Error(kNoSpace | kStorageFailed) of the backup's disk,
  /// with UNFINISHED left there.
  virtual BackupSummary BackUp(const BackupOptions& options) = 0;

  void Audit(const AuditEvent& event) { AuditAll({event}); }
  /// In one transaction: all of them, or none where it throws.
  virtual void AuditAll(const std::vector<AuditEvent>& events) = 0;
  /// Newest first. `limit` <= 0: all.
  [[nodiscard]] virtual std::vector<AuditRow> AuditTrail(int limit) const = 0;
  /// A peer has another name from now on, by which its rows, commitments and requests go. What was
  /// parked with the status kNoSuchPeer waits again.
  virtual void RenamePeer(const std::string& from, const std::string& to) = 0;
  virtual AuditFeed& audit_feed() = 0;
  virtual Users& users() = 0;
  virtual Notices& notices() = 0;
  virtual void ReportRole(const RoleStatus& status) = 0;
  [[nodiscard]] virtual std::vector<RoleStatus> Roles() const = 0;
  /// For monitoring: how much lies where.
  [[nodiscard]] virtual NodeFigures Figures() const = 0;
  virtual void ReportPackages(const std::vector<PackageRow>& packages) = 0;
  [[nodiscard]] virtual std::vector<PackageRow> Packages() const = 0;
  /// Keeps the bytes of `file`, of whatever kind, with a reason; drops the oldest where the limit
  /// is passed.
  virtual void Quarantine(std::unique_ptr<ObjectWriter> file,
                          const std::string& calling_ae,
                          const std::string& reason) = 0;
  [[nodiscard]] virtual std::vector<QuarantineRow> QuarantineList(int limit) const = 0;
  /// Removes a quarantined object for `user`, who gets an audit row. Throws Error(kNotFound) where
  /// there is none.
  virtual void DiscardQuarantined(std::int64_t id, const std::string& user) = 0;
};

}  // namespace necknode::storage
