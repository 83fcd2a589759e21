#pragma once

#include "storage/catalog.h"
#include "storage/connections.h"

namespace necknode::storage {

/// Catalog on the database. Thread safe.
class SqliteCatalog : public Catalog {
 public:
  /// Both must outlive it.
  SqliteCatalog(Connections& connections, const Clock& clock)
      : connections_(connections), clock_(clock) {}

  Page<StudySummary> Studies(const StudyQuery& query) const override;
  std::optional<StudySummary> Study(StudyId study,
                                    std::chrono::milliseconds quiet_time) const override;
  std::vector<SeriesSummary> Series(StudyId study) const override;
  Page<Job> Jobs(const JobQuery& query) const override;
  Page<OutboxRow> Outbox(const OutboxQuery& query) const override;
  Page<AuditRow> Audit(const AuditQuery& query) const override;
  Page<QuarantineRow> Quarantine(const PageOf& page) const override;
  Page<CommitmentRequestRow> CommitmentRequests(const PageOf& page) const override;
  NodeCounts Counts() const override;
  std::map<std::string, std::int64_t> Marks() const override;

 private:
  Connections& connections_;
  const Clock& clock_;
};

}  // namespace necknode::storage
