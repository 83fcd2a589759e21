#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/uid.h"
#include "storage/study_index.h"

namespace necknode::storage {

/// What an archive is asked about a study.
enum class ArchiveRequestKind {
  kCount,   ///< how many instances each series of the study has there
  kPriors,  ///< for earlier studies of the same patient
};

/// A request is tried so often; then it has failed.
inline constexpr int kMaxArchiveTries = 3;
/// Between the end of the first try and the second one, and before the third. A try that killed the
/// retriever has no end: the pause then runs from its begin.
inline constexpr std::chrono::seconds kArchivePauses[] = {std::chrono::seconds(5),
                                                          std::chrono::seconds(60)};

/// One request, lent to the retriever.
struct ArchiveRequest {
  std::int64_t id = 0;
  ArchiveRequestKind kind = ArchiveRequestKind::kCount;
  StudyId study = 0;
  Uid study_instance_uid;
  std::string peer;         ///< name of the archive in the configuration
  std::int64_t change = 0;  ///< of the study, for which is asked
  int tries = 0;            ///< this one counted
};

struct SeriesCount {
  Uid series_instance_uid;
  std::optional<int> instances;  ///< nullopt: the archive does not say
  bool operator==(const SeriesCount&) const = default;
};

/// How far a count is, and the newest answer.
struct CountState {
  enum class Progress { kWaiting, kAnswered, kFailed };
  Progress progress = Progress::kWaiting;
  std::int64_t change = 0;  ///< of the study, for which was asked last
  std::string reason;       ///< of the last failed try, or empty
  /// Of the newest answer, whatever was asked since; empty: none yet.
  std::vector<SeriesCount> series;
  std::chrono::milliseconds answered_ago{};  ///< where kAnswered
};

/// What the coordinator wants to know of archives and the retriever asks them. Rows: each of the
/// two may die. A try is counted before it is made, so that an answer that kills cannot do so for
/// ever. Durations run on Clock::SinceBoot; pauses of another boot are over. All functions throw
/// Error(kStorageFailed | kNoSpace). Thread safe.
class ArchiveRequests {
 public:
  virtual ~ArchiveRequests() = default;

  /// Asks for the counts of a study, as of its `change`; instead of what was asked before.
  virtual void AskCounts(StudyId study, const std::string& peer, std::int64_t change) = 0;
  /// Nullopt: never asked.
  [[nodiscard]] virtual std::optional<CountState> Counts(StudyId study,
                                                         const std::string& peer) const = 0;

  /// Asks for earlier studies of the study's patient; nothing where that was asked before.
  virtual void AskPriors(StudyId study, const std::string& peer) = 0;
  /// True where that was asked and is not at its end.
  [[nodiscard]] virtual bool PriorsAwaited(StudyId study) const = 0;

  /// A due request of the archive, those tried least and then the oldest first; counts a try.
  /// Requests whose last try has no end have failed.
  [[nodiscard]] virtual std::optional<ArchiveRequest> Begin(ArchiveRequestKind kind,
                                                            const std::string& peer) = 0;
  /// Ends a try of a count. False, and nothing changed, where something newer was asked meanwhile.
  virtual bool AnswerCounts(const ArchiveRequest& request,
                            const std::vector<SeriesCount>& series) = 0;
  /// Ends a try of kPriors: all is here that is wanted. False as above.
  virtual bool EndPriors(const ArchiveRequest& request) = 0;
  /// Ends a try without an answer: it is made again after a pause unless it was the last one or
  /// `again` is false. A failed request for priors gives up those that are still expected. False as
  /// above.
  virtual bool Fail(const ArchiveRequest& request, const std::string& reason, bool again) = 0;
};

}  // namespace necknode::storage
