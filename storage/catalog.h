#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "storage/audit_trail.h"
#include "storage/commitment_requests.h"
#include "storage/job_queue.h"
#include "storage/outbox.h"
#include "storage/quarantine_row.h"
#include "storage/study_index.h"

namespace necknode::storage {

/// Some rows of a list, the newest first.
template <typename Row>
struct Page {
  std::vector<Row> items;
  std::optional<std::int64_t> next;  ///< give it as `before` for those that follow, if any do
};

/// Which part of a list is wanted.
struct PageOf {
  std::int64_t before = 0;  ///< rows with smaller numbers only; 0: from the newest
  int limit = 50;           ///< 0: all
};

/// From `since` to before `until`, where given.
struct TimeSpan {
  std::optional<WallTime> since, until;
};

struct StudyQuery {
  PageOf page;
  std::string status;  ///< one of StudySummary's; empty: any
  TimeSpan first_received;
  /// Without an image for so long a study is complete, as the coordinator sees it.
  std::chrono::milliseconds quiet_time{30'000};
  /// Where given, only rows that it takes. Called outside of transactions; must not throw.
  std::function<bool(const StudyRow&)> matches = {};
};

/// A study as a list shows it.
struct StudySummary {
  StudyRow study;
  /// receiving: images arrive | waiting: complete, to be decided on | queued | analysing | sending
  /// | done | not_analysed | attention: something of it is parked, or its newest analysis failed
  std::string status;
  /// Archives and what they were asked, not yet answered: "the number of its images at pacs".
  std::vector<std::string> awaited;
  std::vector<Job> jobs;  ///< newest first
  struct Documents {
    int waiting = 0, delivered = 0, parked = 0, withheld = 0;
    /// Of parked ones, else of withheld ones, else of waiting ones' last try; by destination where
    /// they differ: "pacs: 0xA900; mirror: nobody listens".
    std::string reason;
  } documents;
};

/// A series of a study and what a route decided on it: one row for each pair.
struct SeriesSummary {
  Uid series_instance_uid;
  std::optional<int> series_number;
  std::string description, specific_character_set;  ///< as received
  std::string modality;
  int instances = 0;
  std::string route;  ///< empty: nothing was decided on the series
  bool selected = false;
  std::string reason;
};

struct JobQuery {
  PageOf page;
  std::string state, route;  ///< empty: any
  StudyId study = 0;         ///< 0: any
};

struct OutboxQuery {
  PageOf page;
  std::string state, destination;  ///< empty: any
  StudyId study = 0;               ///< 0: any
};

struct AuditQuery {
  PageOf page;
  std::string event, subject;  ///< empty: any
  std::string search;          ///< somewhere in subject, outcome, detail, user, host or AE titles
  StudyId study = 0;           ///< 0: any
  bool people = false;         ///< only what a person has done
  TimeSpan time;
};

/// What a dashboard shows.
struct NodeCounts {
  int studies = 0, receiving = 0, parked_studies = 0;
  int queued = 0, running = 0, parked_jobs = 0, failed_24h = 0;
  std::chrono::milliseconds oldest_queued{};  ///< since it was queued last; 0: none
  struct Destination {
    std::string name;
    int waiting = 0, parked = 0, withheld = 0, delivered_24h = 0;
    std::chrono::milliseconds oldest_waiting{};
  };
  std::vector<Destination> outbox;  ///< by name
  int quarantined = 0;
  std::uint64_t quarantined_bytes = 0;
  struct Hour {
    WallTime begin{};
    int instances = 0, studies = 0, jobs_done = 0;
  };
  std::vector<Hour> hours;        ///< the last 24, the oldest first, the current one last
  std::vector<Job> last_results;  ///< finished jobs, newest first, at most 8
};

/// Rows as people look for them. Reading transactions are short: a search through many rows is made
/// of several. All functions throw Error(kInternal | kTimeout). Thread safe.
class Catalog {
 public:
  virtual ~Catalog() = default;
  [[nodiscard]] virtual Page<StudySummary> Studies(const StudyQuery& query) const = 0;
  [[nodiscard]] virtual std::optional<StudySummary> Study(
      StudyId study, std::chrono::milliseconds quiet_time) const = 0;
  [[nodiscard]] virtual std::vector<SeriesSummary> Series(StudyId study) const = 0;
  [[nodiscard]] virtual Page<Job> Jobs(const JobQuery& query) const = 0;
  [[nodiscard]] virtual Page<OutboxRow> Outbox(const OutboxQuery& query) const = 0;
  [[nodiscard]] virtual Page<AuditRow> Audit(const AuditQuery& query) const = 0;
  [[nodiscard]] virtual Page<QuarantineRow> Quarantine(const PageOf& page) const = 0;
  [[nodiscard]] virtual Page<CommitmentRequestRow> CommitmentRequests(const PageOf& page) const = 0;
  [[nodiscard]] virtual NodeCounts Counts() const = 0;
  /// For each topic of a page (studies, jobs, outbox, audit, and node for the rest) a number that
  /// is raised by every commit that changes its rows. One short read.
  [[nodiscard]] virtual std::map<std::string, std::int64_t> Marks() const = 0;
};

}  // namespace necknode::storage
