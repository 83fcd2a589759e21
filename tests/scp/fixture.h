#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/clock.h"
#include "core/error.h"
#include "scp/receiver.h"
#include "storage/store.h"
#include "tests/support/temp_folder.h"

namespace necknode::scp::tests {

/// For an exchange that is to succeed.
inline constexpr std::chrono::seconds kTimeout{10};

/// Polls until `done`; false after ten seconds.
bool Eventually(const std::function<bool()>& done);

/// Runs a shell command; its exit status, and what it printed in `output`.
int RunCommand(const std::string& command, std::string* output = nullptr);

/// What a disk can do wrong. Thread safe.
struct DiskFaults {
  std::atomic<int> writes_until_failure{-1};  ///< counts down; -1: never
  std::atomic<ErrorCode> failure{ErrorCode::kNoSpace};
  std::atomic<bool> reserve_reached{false};
};

/// A real store on a disk that fails as told.
class FaultyStore : public storage::Store, private storage::ObjectStore {
 public:
  explicit FaultyStore(const std::filesystem::path& folder);
  DiskFaults faults;

  storage::ObjectStore& objects() override { return *this; }
  storage::StudyIndex& studies() override { return real_->studies(); }
  storage::StudyHolds& holds() override { return real_->holds(); }
  storage::ArchiveRequests& archive_requests() override { return real_->archive_requests(); }
  storage::PriorStudies& priors() override { return real_->priors(); }
  storage::JobQueue& jobs() override { return real_->jobs(); }
  storage::Outbox& outbox() override { return real_->outbox(); }
  storage::Commitments& commitments() override { return real_->commitments(); }
  storage::CommitmentRequests& commitment_requests() override {
    return real_->commitment_requests();
  }
  storage::AuditFeed& audit_feed() override { return real_->audit_feed(); }
  storage::Notices& notices() override { return real_->notices(); }
  storage::Catalog& catalog() override { return real_->catalog(); }
  storage::Users& users() override { return real_->users(); }
  std::unique_ptr<storage::InstanceCommitter> MakeCommitter() override {
    return real_->MakeCommitter();
  }
  int SweepOrphans(storage::ObjectKind kind) override { return real_->SweepOrphans(kind); }
  storage::Removed RemoveExpired(const storage::RetentionLimits& limits) override {
    return real_->RemoveExpired(limits);
  }
  bool Checkpoint() override { return real_->Checkpoint(); }
  storage::BackupSummary BackUp(const storage::BackupOptions& options) override {
    return real_->BackUp(options);
  }
  void AuditAll(const std::vector<storage::AuditEvent>& events) override {
    real_->AuditAll(events);
  }
  std::vector<storage::AuditRow> AuditTrail(int limit) const override {
    return real_->AuditTrail(limit);
  }
  void RenamePeer(const std::string& from, const std::string& to) override {
    real_->RenamePeer(from, to);
  }
  void ReportRole(const storage::RoleStatus& status) override { real_->ReportRole(status); }
  std::vector<storage::RoleStatus> Roles() const override { return real_->Roles(); }
  storage::NodeFigures Figures() const override { return real_->Figures(); }
  void ReportPackages(const std::vector<storage::PackageRow>& packages) override {
    real_->ReportPackages(packages);
  }
  std::vector<storage::PackageRow> Packages() const override { return real_->Packages(); }
  void Quarantine(std::unique_ptr<storage::ObjectWriter> file,
                  const std::string& calling_ae,
                  const std::string& reason) override;
  void DiscardQuarantined(std::int64_t id, const std::string& user) override {
    real_->DiscardQuarantined(id, user);
  }
  std::vector<storage::QuarantineRow> QuarantineList(int limit) const override {
    return real_->QuarantineList(limit);
  }

 private:
  std::unique_ptr<storage::ObjectWriter> Create(storage::ObjectKind kind) override;
  std::vector<std::byte> Read(storage::ObjectKind kind, const std::string& key) const override {
    return real_->objects().Read(kind, key);
  }
  std::vector<std::byte> ReadPart(storage::ObjectKind kind,
                                  const std::string& key,
                                  std::uint64_t offset,
                                  std::size_t size) const override {
    return real_->objects().ReadPart(kind, key, offset, size);
  }
  std::filesystem::path PathOf(storage::ObjectKind kind, const std::string& key) const override {
    return real_->objects().PathOf(kind, key);
  }
  void Remove(storage::ObjectKind kind, const std::string& key) override {
    real_->objects().Remove(kind, key);
  }
  std::uint64_t FreeAboveReserve() const override {
    return faults.reserve_reached ? 0 : real_->objects().FreeAboveReserve();
  }
  storage::DiskSpace Disk() const override { return real_->objects().Disk(); }

  std::unique_ptr<storage::Store> real_;
};

/// A receiver that serves on a free port of the loopback until the end of the scope.
class ServedReceiver {
 public:
  explicit ServedReceiver(ReceiverOptions options = {});
  ~ServedReceiver();
  ServedReceiver(const ServedReceiver&) = delete;
  ServedReceiver& operator=(const ServedReceiver&) = delete;

  [[nodiscard]] std::uint16_t port() const { return receiver_->port(); }
  [[nodiscard]] FaultyStore& store() { return store_; }
  [[nodiscard]] Receiver& receiver() { return *receiver_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  /// The number behind `key=` in the status line.
  [[nodiscard]] long Count(const std::string& key) const;
  [[nodiscard]] int InstancesOf(const std::string& study_instance_uid);
  /// Waits for Run() to return; rethrows what it threw.
  void Join();

 private:
  necknode::tests::TempFolder folder_;
  FaultyStore store_;
  std::unique_ptr<Receiver> receiver_;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace necknode::scp::tests
