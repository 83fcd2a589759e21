#pragma once

#include "storage/connections.h"
#include "storage/job_queue.h"
#include "storage/quarantine.h"

namespace necknode::storage {

/// JobQueue on the database. Thread safe.
class SqliteJobQueue : public JobQueue {
 public:
  /// All must outlive it.
  SqliteJobQueue(Connections& connections,
                 ObjectFiles& files,
                 QuarantineFolder& quarantine,
                 const Clock& clock,
                 int max_deaths_alone)
      : connections_(connections),
        files_(files),
        quarantine_(quarantine),
        clock_(clock),
        max_deaths_alone_(max_deaths_alone) {}

  std::optional<Job> Acquire(const std::string& owner, std::chrono::milliseconds lease) override;
  bool Heartbeat(const Lease& lease, int slices_done, std::chrono::milliseconds duration) override;
  bool NoteParsing(const Lease& lease, const std::string& object_key) override;
  bool Finish(const Lease& lease, const JobResult& result) override;
  bool Retry(const Lease& lease,
             const std::string& reason,
             std::chrono::milliseconds delay) override;
  bool Park(const Lease& lease, const std::string& reason) override;
  int ReleaseOwner(const std::string& owner) override;
  void Requeue(std::int64_t job, const std::string& user) override;
  void Cancel(std::int64_t job, const std::string& user) override;
  std::optional<Job> Find(std::int64_t job) const override;
  std::vector<Job> List(int limit) const override;
  std::vector<Job> OfStudy(StudyId study) const override;
  std::optional<Job> FindSameContent(const Job& job,
                                     const std::string& analysis_digest) const override;
  std::vector<NewResult> PredecessorResults(const Job& job) const override;
  std::vector<NewResult> ResultsOf(std::int64_t job) const override;

 private:
  std::optional<Job> Lend(Database& database,
                          const std::string& owner,
                          std::chrono::milliseconds lease,
                          const Stamp& stamp);
  void CountDeath(Database& database, const Job& job, const Stamp& stamp, Removals& removals);
  void QuarantineSuspect(Database& database,
                         const Job& job,
                         const Stamp& stamp,
                         Removals& removals);

  Connections& connections_;
  ObjectFiles& files_;
  QuarantineFolder& quarantine_;
  const Clock& clock_;
  const int max_deaths_alone_;
};

}  // namespace necknode::storage
