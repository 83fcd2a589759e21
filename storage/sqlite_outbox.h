#pragma once

#include "storage/connections.h"
#include "storage/outbox.h"

namespace necknode::storage {

/// Outbox on the database. Thread safe.
class SqliteOutbox : public Outbox {
 public:
  /// Both must outlive it.
  SqliteOutbox(Connections& connections, const Clock& clock)
      : connections_(connections), clock_(clock) {}

  std::vector<std::string> DueDestinations() const override;
  std::vector<OutboxRow> Due(const std::string& destination, int limit) const override;
  std::optional<std::chrono::milliseconds> SinceLastSlice(std::int64_t row) const override;
  void MarkDelivered(std::int64_t row,
                     const std::string& status,
                     const Uid& sop_instance_uid,
                     bool want_commitment) override;
  void MarkRetry(std::int64_t row,
                 const std::string& status,
                 std::chrono::milliseconds delay) override;
  void MarkParked(std::int64_t row, const std::string& status, const std::string& reason) override;
  void Release(std::int64_t row, const std::string& user) override;
  void Wake(const std::string& destination) override;
  int ReleaseAll(const std::string& destination, const std::string& user) override;
  int Resend(StudyId study, const std::string& destination, const std::string& user) override;
  std::optional<OutboxRow> Find(std::int64_t row) const override;
  std::vector<OutboxRow> List(int limit) const override;
  std::int64_t CountWaiting(const std::string& destination) const override;
  std::vector<OutboxRow> OfJob(std::int64_t job) const override;
  bool IsOurs(const Uid& sop_instance_uid) const override;

 private:
  Connections& connections_;
  const Clock& clock_;
};

}  // namespace necknode::storage
