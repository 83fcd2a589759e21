#pragma once

#include "storage/connections.h"
#include "storage/study_holds.h"
#include "storage/study_index.h"

namespace necknode::storage {

class SqliteStudyHolds : public StudyHolds {
 public:
  /// Both must outlive it.
  SqliteStudyHolds(Connections& connections, const Clock& clock)
      : connections_(connections), clock_(clock) {}

  void Clear() override;
  void Renew(AssociationNumber association, const Uid& study_instance_uid) override;
  void Release(AssociationNumber association) override;

 private:
  Connections& connections_;
  const Clock& clock_;
};

/// Within T1: the association holds the study from now on.
void HoldStudy(Database& database,
               AssociationNumber association,
               StudyId study,
               const Stamp& stamp);

}  // namespace necknode::storage
