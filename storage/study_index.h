#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/instance_header.h"
#include "storage/object_store.h"
#include "storage/study_holds.h"

namespace necknode::storage {

using StudyId = std::int64_t;

/// A study as the index knows it.
struct StudyRow {
  StudyId id = 0;
  Uid study_instance_uid;
  PatientText patient_id, patient_name;
  std::string specific_character_set;  ///< of name and description, all values joined by backslash
  std::string study_date, study_description;
  std::int64_t change = 0;      ///< raised by every received instance
  std::int64_t considered = 0;  ///< the change that the coordinator last decided on
  int instances = 0;
  std::uint64_t bytes = 0;
  WallTime first_received{}, last_received{};
  WallTime decided{}, parked{};           ///< last; the epoch: never
  std::chrono::milliseconds quiet_for{};  ///< since the last image arrived; restarts at each boot
  /// Since an association that is still open sent bytes of one of its images; nullopt: none is.
  std::optional<std::chrono::milliseconds> heard_ago;
  std::string state;   ///< "receiving", "decided", "parked"
  std::string reason;  ///< why nothing is analysed, or empty
};

/// One current instance of a study, with the role of a current one.
struct IndexedInstance {
  std::int64_t id = 0;
  InstanceHeader header;
  std::string object_key;
  std::string file_digest;  ///< SHA-256 of transfer syntax UID and dataset bytes
  std::uint64_t bytes = 0;
};

/// Whence a study's instances came: one row per distinct pair of AE titles.
struct Arrival {
  std::string calling_ae, called_ae;
  bool operator==(const Arrival&) const = default;
};

/// What the coordinator concluded about one series of a study.
struct SeriesDecision {
  Uid series_instance_uid;
  std::string route;
  bool selected = false;
  std::string reason;  ///< of a refusal, in English, without patient data
};

/// A job to be made by T2 (see JobQueue).
struct NewJob {
  std::string key;  ///< 64 hex digits, see docs/data_on_disk.md
  Uid series_instance_uid;
  std::string route;
  std::string package;  ///< "<name>/<version>"
  std::string package_digest;
  int slices = 0;
  bool supersedes =
      false;  ///< an earlier job of the same study and route exists: cancel it if not finished
  /// Why images of the series may be missing; empty: nothing says so. The report is then partial.
  std::string incomplete = {};
};

/// Studies, series and instances. All functions throw Error(kStorageFailed | kNoSpace). Thread
/// safe.
class StudyIndex {
 public:
  virtual ~StudyIndex() = default;
  /// Newest first. `limit` <= 0: all.
  [[nodiscard]] virtual std::vector<StudyRow> List(int limit) const = 0;
  [[nodiscard]] virtual std::optional<StudyRow> Find(const Uid& study_instance_uid) const = 0;
  [[nodiscard]] virtual std::optional<StudyRow> Find(StudyId study) const = 0;
  /// Studies whose `change` was not considered yet, oldest first, parked ones left out.
  [[nodiscard]] virtual std::vector<StudyRow> Unconsidered() const = 0;
  [[nodiscard]] virtual std::vector<IndexedInstance> Instances(StudyId study) const = 0;
  [[nodiscard]] virtual std::vector<IndexedInstance> InstancesOfSeries(StudyId study,
                                                                       const Uid& series) const = 0;
  [[nodiscard]] virtual std::vector<Arrival> Arrivals(StudyId study) const = 0;
  [[nodiscard]] virtual std::vector<SeriesDecision> Decisions(StudyId study) const = 0;
  /// T2: records what was decided on the state `expected_change` and makes the jobs. A job whose
  /// key exists is not made again, but a superseded one is queued again. A job with fewer slices
  /// than a finished one of its series and route is made parked. Returns false, and changes
  /// nothing, where the study's change has moved meanwhile or the study is parked.
  virtual bool Decide(StudyId study,
                      std::int64_t expected_change,
                      const std::vector<SeriesDecision>& decisions,
                      const std::vector<NewJob>& jobs,
                      const std::string& reason) = 0;

  // What a person, `user`, has done; it gets an audit row.
  /// T2 for a study that was decided on already: makes the jobs beside what was decided, as Decide
  /// does. Returns false, and changes nothing, where the study's change is not `expected_change`,
  /// or is not decided on.
  virtual bool AddJobs(StudyId study,
                       std::int64_t expected_change,
                       const std::vector<NewJob>& jobs,
                       const std::string& user) = 0;
  /// Has a parked study decided on anew; jobs that were parked with it run where they are decided
  /// on again. Throws Error(kNotFound) where there is none, Error(kConflict) where it is not parked
  /// or, but for `same_patient`, its current instances name two patients.
  virtual void Unpark(StudyId study, bool same_patient, const std::string& user) = 0;
};

/// An instance whose bytes lie complete in `file`, not yet durable.
struct ReceivedInstance {
  std::unique_ptr<ObjectWriter> file;
  InstanceHeader header;
  std::string file_digest;
  std::string calling_ae, called_ae;
  AssociationNumber association = 0;  ///< holds the study while it is open
  /// Whose C-MOVE it answers (0000,1030), or empty.
  std::string move_originator = {};
};

enum class AddOutcome {
  kStored,       ///< new
  kSameBytes,    ///< known already; the new file is discarded, the arrival recorded
  kNewRevision,  ///< same identity, other bytes: the newest revision counts
  kConflict,     ///< same SOP Instance UID under another study, series, patient or AE: quarantined,
                 ///< nothing replaced
  kNoSpace,      ///< not stored: answer 0xA700
  kFailed,       ///< storage failed: answer 0xA700; the process must stop acknowledging
};

/// T1 for all associations of the receiver: files are synced side by side, one thread commits their
/// rows, and a commit is shared among whatever was submitted meanwhile. The file, its folder entry
/// and its row are durable before `done` is called with kStored, kSameBytes or kNewRevision.
class InstanceCommitter {
 public:
  /// Called once per Submit, on the committer's thread; must not block nor throw.
  using Done = std::function<void(AddOutcome outcome, const std::string& detail)>;
  virtual ~InstanceCommitter() = default;  ///< finishes what was submitted
  /// Throws Error(kInvalidArgument) where a UID of study, series or instance or the digest is
  /// empty; never for what storage does.
  virtual void Submit(ReceivedInstance instance, Done done) = 0;
};

}  // namespace necknode::storage
