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

enum class JobState {
  kQueued,
  kRunning,
  kDone,
  kSameContent,  ///< an earlier job has the same analysis digest: no second report
  kNotEligible,  ///< no suitable geometry or a broken limit of the intended use
  kFailed,       ///< our own error, reported as such
  kParked,       ///< waits for a person
  kSuperseded,   ///< the study grew meanwhile
  kCancelled,
};
[[nodiscard]] std::string_view ToString(JobState state);

struct Job {
  std::int64_t id = 0;
  std::string key;
  StudyId study = 0;
  Uid study_instance_uid, series_instance_uid;
  std::string route, package, package_digest;
  int slices = 0;
  JobState state = JobState::kQueued;
  std::string reason;
  std::string owner;     ///< of the lease
  int attempt = 0;       ///< fencing token: raised by each lease
  int deaths_alone = 0;  ///< workers that died while they held only this job
  std::string parsing;   ///< object key that is being parsed, or empty
  int slices_done = 0;
  WallTime created{}, updated{};
  WallTime started{};   ///< of the last attempt; the epoch: none
  WallTime finished{};  ///< the epoch: not yet
  std::string summary;  ///< one line for people, of a finished one
  std::string analysis_digest;
  std::string incomplete;  ///< why images of the series may be missing, or empty
};

/// A finished document and where it must go.
struct NewResult {
  std::string kind;  ///< "SR", "PR", "SC"; "JSON", "HTML" and "VIEW", which have no UIDs
  Uid sop_class_uid, sop_instance_uid, series_instance_uid;
  std::string object_key;  ///< ObjectKind::kResult, synced
  std::uint64_t bytes = 0;
};

struct NewDelivery {
  std::string destination;  ///< name of the peer
  std::size_t result = 0;   ///< index into JobResult::results
  std::optional<std::size_t>
      fallback;                 ///< sent instead where the peer does not take the first's SOP class
  std::string withheld_reason;  ///< not empty: the row is `withheld` and never sent
};

/// What T3 makes durable.
struct JobResult {
  JobState state = JobState::kDone;  ///< kDone, kSameContent, kNotEligible or kFailed
  std::string reason;
  std::string summary;  ///< one line for people
  int suspicious_nodes = 0;
  std::string analysis_digest;
  std::vector<NewResult> results;
  std::vector<NewDelivery> deliveries;
};

/// One worker's claim on a job: every change names the attempt, so a worker that lost its lease
/// changes nothing.
struct Lease {
  std::int64_t job = 0;
  int attempt = 0;
};

/// Jobs, their leases and their results. Durations run on Clock::SinceBoot; leases of another boot
/// are expired. Thread safe.
class JobQueue {
 public:
  virtual ~JobQueue() = default;
  /// The oldest job that is queued and due, or whose lease expired; nullopt where there is none. A
  /// lease that expired, by time or by a reboot, is the death of its worker: the job then runs
  /// alone, so its owner gets no second job beside it. After StoreOptions::max_deaths_alone deaths
  /// while the worker held only this job it is parked with its reason; where every one of them
  /// named the same object, that object is quarantined and the study parked.
  [[nodiscard]] virtual std::optional<Job> Acquire(const std::string& owner,
                                                   std::chrono::milliseconds lease) = 0;
  /// Prolongs the lease. False: the lease is lost; stop working.
  virtual bool Heartbeat(const Lease& lease,
                         int slices_done,
                         std::chrono::milliseconds duration) = 0;
  /// Notes which object is being parsed (empty: none). False: the lease is lost.
  virtual bool NoteParsing(const Lease& lease, const std::string& object_key) = 0;
  /// T3: results, outbox rows and the job's end in one transaction. False, and nothing changed,
  /// where the lease is lost or the study grew in the job's series since (the job is then
  /// superseded); the caller then removes its result files. Throws Error(kInvalidArgument) where a
  /// delivery names no result or the state is no end of a job.
  virtual bool Finish(const Lease& lease, const JobResult& result) = 0;
  /// Puts the job back, due after `delay`, with the reason of this attempt's failure.
  virtual bool Retry(const Lease& lease,
                     const std::string& reason,
                     std::chrono::milliseconds delay) = 0;
  virtual bool Park(const Lease& lease, const std::string& reason) = 0;
  /// Gives every job of `owner` back at once (its process is known to be dead). Counts a death.
  virtual int ReleaseOwner(const std::string& owner) = 0;
  // What a person, `user`, has done; it gets an audit row.
  /// Puts a parked, failed, cancelled or not eligible job back to queued. Throws Error(kConflict)
  /// otherwise and where its study is parked, Error(kNotFound) where there is none.
  virtual void Requeue(std::int64_t job, const std::string& user) = 0;
  /// Ends a job that is queued, running or parked; its worker loses the lease. Throws
  /// Error(kConflict) otherwise, Error(kNotFound) where there is none.
  virtual void Cancel(std::int64_t job, const std::string& user) = 0;
  [[nodiscard]] virtual std::optional<Job> Find(std::int64_t job) const = 0;
  [[nodiscard]] virtual std::vector<Job> List(int limit) const = 0;  ///< newest first
  [[nodiscard]] virtual std::vector<Job> OfStudy(StudyId study) const = 0;
  /// A finished job (kDone) of the same study with the same analysis digest, route and package
  /// digest, if any.
  [[nodiscard]] virtual std::optional<Job> FindSameContent(
      const Job& job, const std::string& analysis_digest) const = 0;
  /// Results of the newest finished job of study and route before `job`: its predecessor documents
  /// and nodes.
  [[nodiscard]] virtual std::vector<NewResult> PredecessorResults(const Job& job) const = 0;
  /// Of the last attempt that had any.
  [[nodiscard]] virtual std::vector<NewResult> ResultsOf(std::int64_t job) const = 0;
};

}  // namespace necknode::storage
