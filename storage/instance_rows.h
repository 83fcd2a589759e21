#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/connections.h"
#include "storage/study_index.h"

namespace necknode::storage {

/// What T1 writes of one instance whose file lies under `object_key`.
struct InstanceRow {
  const InstanceHeader& header;
  const std::string& object_key;
  const std::string& file_digest;
  std::uint64_t bytes;
  const std::string& calling_ae;
  const std::string& called_ae;
  AssociationNumber association;
  const std::string& move_originator;
};

/// Which revision of its SOP Instance an instance is.
struct Revision {
  int number = 1;
  bool counts = true;            ///< the one that is used of all
  const char* role = "current";  ///< or "prior"
};

/// Writes the row; returns its number.
std::int64_t InsertInstance(Database& database,
                            const InstanceRow& row,
                            StudyId study,
                            const Revision& revision,
                            const Stamp& stamp);

struct AddResult {
  AddOutcome outcome = AddOutcome::kStored;  ///< kStored, kSameBytes, kNewRevision or kConflict
  std::string detail;                        ///< of a conflict, without patient data
};

/// T1's rows: study, instance, arrival; of a prior see prior_rows.h. With kSameBytes the new file
/// is named by no row, with kConflict nothing is written.
AddResult AddInstance(Database& database, const InstanceRow& row, const Stamp& stamp);

/// True where an instance with these bytes is the newest revision of its SOP Instance UID.
[[nodiscard]] bool HasSameBytes(Database& database,
                                const Uid& sop_instance_uid,
                                const std::string& file_digest);

/// Instances that count: newest revision, stored, not withdrawn, not fetched as a prior. `series`
/// empty: of all series.
[[nodiscard]] std::vector<IndexedInstance> CurrentInstances(Database& database,
                                                            StudyId study,
                                                            const Uid& series);

/// The same of all series, those fetched as a prior too.
[[nodiscard]] std::vector<IndexedInstance> InstancesInAnyRole(Database& database, StudyId study);

}  // namespace necknode::storage
