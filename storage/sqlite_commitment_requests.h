#pragma once

#include "storage/commitment_requests.h"
#include "storage/connections.h"

namespace necknode::storage {

/// Newest first, of those with smaller numbers than `before`.
[[nodiscard]] std::vector<CommitmentRequestRow> ReadCommitmentRequests(Database& database,
                                                                       std::int64_t before,
                                                                       std::int64_t limit);

/// CommitmentRequests on the database. Thread safe.
class SqliteCommitmentRequests : public CommitmentRequests {
 public:
  /// Both must outlive it.
  SqliteCommitmentRequests(Connections& connections, const Clock& clock)
      : connections_(connections), clock_(clock) {}

  std::optional<std::int64_t> Add(const Uid& transaction_uid,
                                  const std::string& calling_ae,
                                  const std::string& called_ae,
                                  const std::vector<SopReference>& references,
                                  std::chrono::milliseconds delay) override;
  std::optional<CommitmentRequest> Find(std::int64_t request) const override;
  std::vector<CommitmentRequestRow> List(int limit) const override;
  std::vector<std::string> DueCallingAes() const override;
  std::vector<std::int64_t> Due(const std::string& calling_ae) const override;
  std::optional<StoredInstance> FindStored(const Uid& sop_instance_uid) const override;
  void Judge(std::int64_t request,
             const std::vector<Judgement>& judgements,
             std::chrono::milliseconds keep) override;
  void MarkReported(std::int64_t request) override;
  void Forget(std::chrono::milliseconds age) override;
  void MarkRetry(std::int64_t request,
                 const std::string& status,
                 std::chrono::milliseconds delay) override;
  void MarkParked(std::int64_t request,
                  const std::string& status,
                  const std::string& reason) override;

 private:
  Connections& connections_;
  const Clock& clock_;
};

}  // namespace necknode::storage
