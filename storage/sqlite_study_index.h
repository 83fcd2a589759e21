#pragma once

#include "storage/connections.h"
#include "storage/study_index.h"

namespace necknode::storage {

/// StudyIndex on the database. Thread safe.
class SqliteStudyIndex : public StudyIndex {
 public:
  /// Both must outlive it.
  SqliteStudyIndex(Connections& connections, const Clock& clock)
      : connections_(connections), clock_(clock) {}

  std::vector<StudyRow> List(int limit) const override;
  std::optional<StudyRow> Find(const Uid& study_instance_uid) const override;
  std::optional<StudyRow> Find(StudyId study) const override;
  std::vector<StudyRow> Unconsidered() const override;
  std::vector<IndexedInstance> Instances(StudyId study) const override;
  std::vector<IndexedInstance> InstancesOfSeries(StudyId study, const Uid& series) const override;
  std::vector<Arrival> Arrivals(StudyId study) const override;
  std::vector<SeriesDecision> Decisions(StudyId study) const override;
  bool Decide(StudyId study,
              std::int64_t expected_change,
              const std::vector<SeriesDecision>& decisions,
              const std::vector<NewJob>& jobs,
              const std::string& reason) override;
  bool AddJobs(StudyId study,
               std::int64_t expected_change,
               const std::vector<NewJob>& jobs,
               const std::string& user) override;
  void Unpark(StudyId study, bool same_patient, const std::string& user) override;

 private:
  Connections& connections_;
  const Clock& clock_;
};

}  // namespace necknode::storage
