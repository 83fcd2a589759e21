#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/commitments.h"

namespace necknode::storage {

/// One instance that a peer wants us to commit ourselves to.
struct RequestedCommitment {
  SopReference reference;
  std::uint16_t failure_reason = 0;  ///< (0008,1197), PS3.3 C.14; 0: committed
};

/// A transaction of storage commitment (PS3.4 annex J) that a peer has asked of us.
struct CommitmentRequest {
  std::int64_t id = 0;
  Uid transaction_uid;
  std::string calling_ae, called_ae;  ///< of the N-ACTION
  bool judged = false;                ///< the failure reasons hold
  int attempts = 0;                   ///< of the report
  std::vector<RequestedCommitment> items;
};

/// A request as it is shown.
struct CommitmentRequestRow {
  std::int64_t id = 0;
  Uid transaction_uid;
  std::string calling_ae;
  std::string state;  ///< waiting | reported | parked
  bool judged = false;
  int instances = 0, failed = 0;  ///< `failed` holds once judged
  int attempts = 0;
  std::string last_status, reason;
};

/// A stored instance as a judge needs it.
struct StoredInstance {
  std::string object_key, file_digest;
  Uid sop_class_uid;
};

/// Requests by peers that send to us: a row before the request is answered, judged once, reported
/// until the peer has taken the report. All functions throw Error(kStorageFailed | kNoSpace).
/// Thread safe.
class CommitmentRequests {
 public:
  virtual ~CommitmentRequests() = default;
  /// Keeps the request; due to be reported after `delay`. The same transaction of the same AE with
  /// the same instances again is reported again. Nullopt: the transaction UID is in use for others.
  [[nodiscard]] virtual std::optional<std::int64_t> Add(const Uid& transaction_uid,
                                                        const std::string& calling_ae,
                                                        const std::string& called_ae,
                                                        const std::vector<SopReference>& references,
                                                        std::chrono::milliseconds delay) = 0;
  [[nodiscard]] virtual std::optional<CommitmentRequest> Find(std::int64_t request) const = 0;
  /// Newest first, at most `limit`; 0: all.
  [[nodiscard]] virtual std::vector<CommitmentRequestRow> List(int limit) const = 0;
  /// AE titles that have asked and are due to be reported to.
  [[nodiscard]] virtual std::vector<std::string> DueCallingAes() const = 0;
  /// Requests of one of them that are due, oldest first.
  [[nodiscard]] virtual std::vector<std::int64_t> Due(const std::string& calling_ae) const = 0;
  /// The newest revision of an instance where its object is stored.
  [[nodiscard]] virtual std::optional<StoredInstance> FindStored(
      const Uid& sop_instance_uid) const = 0;
  /// Notes the judgement: one entry for each item, in order; `digest` of what was found whole (see
  /// StoredInstance), empty where `failure_reason` says why not. What is still stored then is kept
  /// by retention for `keep`; what has gone meanwhile fails with 0x0112.
  struct Judgement {
    std::uint16_t failure_reason = 0;
    std::string digest;
  };
  virtual void Judge(std::int64_t request,
                     const std::vector<Judgement>& judgements,
                     std::chrono::milliseconds keep) = 0;
  virtual void MarkReported(std::int64_t request) = 0;
  /// Removes the oldest request that was reported or parked longer than `age` ago, if any.
  virtual void Forget(std::chrono::milliseconds age) = 0;
  /// Due after `delay`; counts an attempt where `status` is not empty.
  virtual void MarkRetry(std::int64_t request,
                         const std::string& status,
                         std::chrono::milliseconds delay) = 0;
  virtual void MarkParked(std::int64_t request,
                          const std::string& status,
                          const std::string& reason) = 0;
};

/// Failure Reason (0008,1197) of an instance that is not stored here, and of one that is stored
/// with another SOP class (PS3.3 C.14.1.1).
inline constexpr std::uint16_t kNoSuchObjectInstance = 0x0112;
inline constexpr std::uint16_t kClassInstanceConflict = 0x0119;

}  // namespace necknode::storage
