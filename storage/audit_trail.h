#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/patient_text.h"
#include "core/uid.h"
#include "storage/study_index.h"

namespace necknode::storage {

/// What a DICOM audit message (PS3.15 A.5.3) needs of an event beside its words. No patient data:
/// a study is kept as its row.
struct AuditContext {
  enum class Direction { kNone, kReceived, kSent };
  Direction direction = Direction::kNone;  ///< of the instances
  std::string peer_ae = {}, own_ae = {};   ///< as received or configured
  std::string host = {};                   ///< of the peer: its address, or its configured name
  std::string user = {};                   ///< the person who acted, "login@machine"; empty: none
  Uid study_instance_uid = {};  ///< names the study where an event is written; empty when read back
  StudyId study = 0;            ///< its row; 0: none, or still to be found by the UID
  int instances = 0;            ///< that were transferred or deleted
  std::string sop_class_uid = {};  ///< of all of them; empty: they differ, or it is not known
};

/// One event that an auditor may ask for. No names: ids of rows and AE titles only.
struct AuditEvent {
  std::string event;    ///< "association", "store", "result_sent", "configuration", ...
  std::string subject;  ///< AE title, user or role
  std::string outcome;  ///< "success", "refused", ...
  std::string detail;
  AuditContext context = {};
};
struct AuditRow {
  std::int64_t id = 0;
  WallTime time{};
  AuditEvent event;
};

/// The study of a row, as the index knows it when it is asked.
struct AuditedStudy {
  Uid study_instance_uid;
  PatientText patient_id;
  std::string specific_character_set;  ///< of `patient_id`, all values joined by backslash
};
struct AuditEntry {
  AuditRow row;
  std::optional<AuditedStudy> study;
};

/// The trail as what an audit server is sent, row by row in the order of their ids, and how far
/// each server has got. A server that is not known yet begins with the oldest row. All functions
/// throw Error(kStorageFailed | kNoSpace). Thread safe.
class AuditFeed {
 public:
  virtual ~AuditFeed() = default;
  /// The oldest `limit` rows that `server`, any name for it, has not been sent.
  [[nodiscard]] virtual std::vector<AuditEntry> Unsent(const std::string& server,
                                                       int limit) const = 0;
  [[nodiscard]] virtual std::int64_t CountUnsent(const std::string& server) const = 0;
  /// Durably: `server` has been sent all rows up to `id`. Never goes back.
  virtual void MarkSent(const std::string& server, std::int64_t id) = 0;
  /// The newest row that says with which configuration file and flags the node was started.
  [[nodiscard]] virtual std::optional<AuditRow> LastConfiguration() const = 0;
};

/// Who runs this process: "login@machine", with the user's number where it has no name.
[[nodiscard]] std::string ProcessUser();

}  // namespace necknode::storage
