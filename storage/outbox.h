#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/uid.h"
#include "storage/study_index.h"

namespace necknode::storage {

enum class OutboxState { kWaiting, kDelivered, kParked, kWithheld };
[[nodiscard]] std::string_view ToString(OutboxState state);

/// Status of what was parked because no peer of the configuration has the destination's name.
inline constexpr const char* kNoSuchPeer = "no such peer";

/// One document that one destination must get.
struct OutboxRow {
  std::int64_t id = 0;
  std::int64_t job = 0;
  StudyId study = 0;
  Uid study_instance_uid;
  std::string destination, kind;
  Uid sop_class_uid, sop_instance_uid;
  std::string object_key;
  std::optional<Uid> fallback_sop_class_uid,
      fallback_sop_instance_uid;  ///< for a peer that refuses the first class
  std::string fallback_object_key;
  OutboxState state = OutboxState::kWaiting;
  int attempts = 0;
  std::chrono::milliseconds due_in{};  ///< 0: now
  std::string last_status;             ///< e.g. "0xA700", "connection refused"
  std::string reason;                  ///< of parked and withheld, for people
  std::string commitment;              ///< "none", "wanted", "asked", "committed"
  WallTime created{}, updated{};
  WallTime delivered{}, committed{};  ///< last; the epoch: never
};

/// Rows of results to be sent. Durations run on Clock::SinceBoot; backoffs of another boot are due.
/// Thread safe.
class Outbox {
 public:
  virtual ~Outbox() = default;
  /// Destinations that have a due row.
  [[nodiscard]] virtual std::vector<std::string> DueDestinations() const = 0;
  /// Due rows of one destination, oldest first, those of one study together.
  [[nodiscard]] virtual std::vector<OutboxRow> Due(const std::string& destination,
                                                   int limit) const = 0;
  /// How long ago the last slice of the row's study came, where `row` is the only one of its job
  /// that its destination has not got yet, and had never got. Else nullopt.
  [[nodiscard]] virtual std::optional<std::chrono::milliseconds> SinceLastSlice(
      std::int64_t row) const = 0;
  /// T4. Each throws Error(kNotFound) where there is no such row, Error(kConflict) where it is
  /// withheld or, but for MarkDelivered, not waiting. With `want_commitment` the row is done only
  /// when the destination has committed itself to it (see Commitments).
  virtual void MarkDelivered(std::int64_t row,
                             const std::string& status,
                             const Uid& sop_instance_uid,
                             bool want_commitment = false) = 0;
  virtual void MarkRetry(std::int64_t row,
                         const std::string& status,
                         std::chrono::milliseconds delay) = 0;
  virtual void MarkParked(std::int64_t row,
                          const std::string& status,
                          const std::string& reason) = 0;
  /// The destination has taken something: what waits because it could not be reached is due now.
  virtual void Wake(const std::string& destination) = 0;
  // What a person, `user`, has done; each row gets an audit row.
  /// Puts a parked or delivered row back to waiting, due now; makes a waiting one due. Throws
  /// Error(kConflict) for a withheld one, Error(kNotFound) where there is none.
  virtual void Release(std::int64_t row, const std::string& user) = 0;
  /// Releases every parked row and those waiting for another try, of one destination unless that is
  /// empty; returns how many.
  virtual int ReleaseAll(const std::string& destination, const std::string& user) = 0;
  /// Releases the delivered and parked rows of a study, of one destination unless that is empty;
  /// returns how many. Throws Error(kConflict) where there is none whose document is still stored,
  /// Error(kNotFound) where there is no such study.
  virtual int Resend(StudyId study, const std::string& destination, const std::string& user) = 0;
  [[nodiscard]] virtual std::optional<OutboxRow> Find(std::int64_t row) const = 0;
  [[nodiscard]] virtual std::vector<OutboxRow> List(int limit) const = 0;  ///< newest first
  [[nodiscard]] virtual std::int64_t CountWaiting(const std::string& destination) const = 0;
  [[nodiscard]] virtual std::vector<OutboxRow> OfJob(std::int64_t job) const = 0;
  /// True where `sop_instance_uid` is one of our own results: never analyse it.
  [[nodiscard]] virtual bool IsOurs(const Uid& sop_instance_uid) const = 0;
};

}  // namespace necknode::storage
