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
  AssociationNumber association = 0;
};

struct AddResult {
  AddOutcome outcome = AddOutcome::kStored;  ///< kStored, kSameBytes, kNewRevision or kConflict
  std::string detail;                        ///< of a conflict, without patient data
};

/// T1's rows: study, instance, arrival. With kSameBytes the new file is named by no row, with
/// kConflict nothing is written.
AddResult AddInstance(Database& database, const InstanceRow& row, const Stamp& stamp);

/// True where an instance with these bytes is the newest revision of its SOP Instance UID.
[[nodiscard]] bool HasSameBytes(Database& database,
                                const Uid& sop_instance_uid,
                                const std::string& file_digest);

/// Instances that count: newest revision, stored, not withdrawn. `series` empty: of all series.
[[nodiscard]] std::vector<IndexedInstance> CurrentInstances(Database& database,
                                                            StudyId study,
                                                            const Uid& series);

}  // namespace necknode::storage
