#pragma once

#include "storage/connections.h"
#include "storage/prior_studies.h"

namespace necknode::storage {

/// PriorStudies on the database. Thread safe.
class SqlitePriorStudies : public PriorStudies {
 public:
  /// Both must outlive it.
  SqlitePriorStudies(Connections& connections, const Clock& clock)
      : connections_(connections), clock_(clock) {}

  bool Request(StudyId current, const Uid& prior, const PriorOrigin& origin) override;
  void End(StudyId current, const Uid& prior, const std::string& failure) override;
  std::vector<PriorStudy> Of(StudyId current) const override;
  std::vector<EarlierStudy> EarlierThan(StudyId current) const override;
  std::vector<IndexedInstance> Instances(StudyId study) const override;
  int Held(const Uid& study, const Uid& series) const override;

 private:
  Connections& connections_;
  const Clock& clock_;
};

}  // namespace necknode::storage
