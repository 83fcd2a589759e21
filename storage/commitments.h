#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/uid.h"

namespace necknode::storage {

struct SopReference {
  Uid sop_class_uid, sop_instance_uid;
  auto operator<=>(const SopReference&) const = default;
};

/// A transaction of storage commitment (PS3.4 annex J) that we ask of a destination.
struct Commitment {
  std::int64_t id = 0;
  Uid transaction_uid;
  std::string destination;
  int attempts = 0;                 ///< of the N-ACTION
  std::vector<SopReference> items;  ///< as they were sent
};

/// What becomes of one document after a report.
struct CommitmentVerdict {
  enum class Kind {
    kCommitted,
    kSendAgain,  ///< the destination has lost or never had it
    kAskAgain,   ///< nothing was said about it
    kPark,       ///< for a person
  };
  Uid sop_instance_uid;
  Kind kind = Kind::kCommitted;
  std::string status;  ///< for people, e.g. "0x0112"
};

/// Commitment of the documents in the outbox. A destination that wants it has its documents
/// delivered first, then asked for, then committed; the transaction is a row before the question
/// goes out, since the report may come at any time, over any association, after any restart. Times
/// to ask again run on Clock::SinceBoot, the wait for a report on wall time. All functions throw
/// Error(kStorageFailed | kNoSpace). Thread safe.
class Commitments {
 public:
  /// Documents that come back without a commitment so often are parked.
  static constexpr int kMostTries = 3;
  static constexpr int kMostItems = 500;

  virtual ~Commitments() = default;
  /// Destinations for which Next() has something.
  [[nodiscard]] virtual std::vector<std::string> DueDestinations() const = 0;
  /// The oldest transaction that is due to be asked; else a new one, under `transaction_uid`, of
  /// delivered documents that want commitment; nullopt where there are none.
  [[nodiscard]] virtual std::optional<Commitment> Next(const std::string& destination,
                                                       const Uid& transaction_uid) = 0;
  /// Of which destination a transaction was asked; empty: there is none.
  [[nodiscard]] virtual std::string DestinationOf(const Uid& transaction_uid) const = 0;
  /// It was reported on, refused or given up.
  [[nodiscard]] virtual bool HasEnded(std::int64_t commitment) const = 0;
  /// The destination will report.
  virtual void MarkAsked(std::int64_t commitment, const std::string& status) = 0;
  virtual void MarkRetry(std::int64_t commitment,
                         const std::string& status,
                         std::chrono::milliseconds delay) = 0;
  /// The destination will never report: its documents are parked with the reason.
  virtual void MarkRefused(std::int64_t commitment,
                           const std::string& status,
                           const std::string& reason) = 0;
  /// The report: each document of the transaction gets its verdict, kAskAgain where none is given;
  /// documents to be sent again are due after `delay`. False: no such transaction. One that has
  /// ended already stays as it is.
  virtual bool Settle(const Uid& transaction_uid,
                      const std::vector<CommitmentVerdict>& verdicts,
                      std::chrono::milliseconds delay) = 0;
  /// Ends transactions that were asked longer than `wait` ago: their documents are asked for again.
  /// Returns how many.
  virtual int Expire(std::chrono::milliseconds wait) = 0;
};

}  // namespace necknode::storage
