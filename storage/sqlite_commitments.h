#pragma once

#include "storage/commitments.h"
#include "storage/connections.h"

namespace necknode::storage {

/// Commitments on the database. Thread safe.
class SqliteCommitments : public Commitments {
 public:
  /// Both must outlive it.
  SqliteCommitments(Connections& connections, const Clock& clock)
      : connections_(connections), clock_(clock) {}

  std::vector<std::string> DueDestinations() const override;
  std::optional<Commitment> Next(const std::string& destination,
                                 const Uid& transaction_uid) override;
  std::string DestinationOf(const Uid& transaction_uid) const override;
  bool HasEnded(std::int64_t commitment) const override;
  void MarkAsked(std::int64_t commitment, const std::string& status) override;
  void MarkRetry(std::int64_t commitment,
                 const std::string& status,
                 std::chrono::milliseconds delay) override;
  void MarkRefused(std::int64_t commitment,
                   const std::string& status,
                   const std::string& reason) override;
  bool Settle(const Uid& transaction_uid,
              const std::vector<CommitmentVerdict>& verdicts,
              std::chrono::milliseconds delay) override;
  int Expire(std::chrono::milliseconds wait) override;

 private:
  Connections& connections_;
  const Clock& clock_;
};

}  // namespace necknode::storage
