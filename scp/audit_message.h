#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/audit_trail.h"

namespace necknode::scp {

/// The node, as its audit messages name it.
struct AuditSource {
  std::string machine;                 ///< host name; also the AuditSourceID
  std::vector<std::string> ae_titles;  ///< all of ours
};

/// EventOutcomeIndicator of PS3.15 A.5.1.
enum class AuditOutcome { kSuccess = 0, kMinor = 4, kSerious = 8, kMajor = 12 };
/// A refused peer is a minor failure (nothing was harmed), a parked result a serious one, a role
/// that failed a major one.
[[nodiscard]] AuditOutcome AuditOutcomeOf(const storage::AuditEvent& event);

/// A row of the audit trail as an XML document after the schema of PS3.15 A.5.1 and the table of
/// its message in A.5.3; nullopt where the standard has no message for it, or the row does not know
/// the study that the message must name. The patient is named by Patient ID alone; an ID that
/// is no text of its character set has U+FFFD in place of what cannot be read, and its exact bytes
/// in ParticipantObjectDetail. No value is longer than 256 bytes before it is escaped.
[[nodiscard]] std::optional<std::string> AuditMessageOf(const storage::AuditEntry& entry,
                                                        const AuditSource& source);

}  // namespace necknode::scp
