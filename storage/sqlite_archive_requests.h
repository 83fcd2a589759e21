#pragma once

#include "storage/archive_requests.h"
#include "storage/connections.h"

namespace necknode::storage {

/// ArchiveRequests on the database. Thread safe.
class SqliteArchiveRequests : public ArchiveRequests {
 public:
  /// Both must outlive it.
  SqliteArchiveRequests(Connections& connections, const Clock& clock)
      : connections_(connections), clock_(clock) {}

  void AskCounts(StudyId study, const std::string& peer, std::int64_t change) override;
  std::optional<CountState> Counts(StudyId study, const std::string& peer) const override;
  void AskPriors(StudyId study, const std::string& peer) override;
  bool PriorsAwaited(StudyId study) const override;
  std::optional<ArchiveRequest> Begin(ArchiveRequestKind kind, const std::string& peer) override;
  bool AnswerCounts(const ArchiveRequest& request, const std::vector<SeriesCount>& series) override;
  bool EndPriors(const ArchiveRequest& request) override;
  bool Fail(const ArchiveRequest& request, const std::string& reason, bool again) override;

 private:
  Connections& connections_;
  const Clock& clock_;
};

}  // namespace necknode::storage
