#pragma once

#include <string_view>

namespace necknode::scp {

/// A coded value of an audit message.
struct AuditCode {
  std::string_view code, scheme, meaning;
};

// PS3.16 CID 400 (events), 401 and 403 (their types), 402 (roles); PS3.16 Annex D.
inline constexpr AuditCode kApplicationActivity{"110100", "DCM", "Application Activity"};
inline constexpr AuditCode kAuditLogUsed{"110101", "DCM", "Audit Log Used"};
inline constexpr AuditCode kInstancesTransferred{"110104", "DCM", "DICOM Instances Transferred"};
inline constexpr AuditCode kStudyDeleted{"110105", "DCM", "DICOM Study Deleted"};
inline constexpr AuditCode kSecurityAlert{"110113", "DCM", "Security Alert"};
inline constexpr AuditCode kUserAuthentication{"110114", "DCM", "User Authentication"};
inline constexpr AuditCode kApplicationStart{"110120", "DCM", "Application Start"};
inline constexpr AuditCode kApplicationStop{"110121", "DCM", "Application Stop"};
inline constexpr AuditCode kLogin{"110122", "DCM", "Login"};
inline constexpr AuditCode kLogout{"110123", "DCM", "Logout"};
inline constexpr AuditCode kNodeAuthentication{"110126", "DCM", "Node Authentication"};
inline constexpr AuditCode kSoftwareConfiguration{"110131", "DCM", "Software Configuration"};
inline constexpr AuditCode kRestrictedFunction{"110132", "DCM", "Use of Restricted Function"};
inline constexpr AuditCode kUserSecurityAttributes{
    "110137", "DCM", "User Security Attributes Changed"};
inline constexpr AuditCode kApplicationRole{"110150", "DCM", "Application"};
inline constexpr AuditCode kLauncherRole{"110151", "DCM", "Application Launcher"};
inline constexpr AuditCode kDestinationRole{"110152", "DCM", "Destination Role ID"};
inline constexpr AuditCode kSourceRole{"110153", "DCM", "Source Role ID"};
inline constexpr AuditCode kStudyInstanceUid{"110180", "DCM", "Study Instance UID"};
inline constexpr AuditCode kNodeId{"110182", "DCM", "Node ID"};
// PS3.15 A.5.1.2.4.
inline constexpr AuditCode kPatientNumber{"2", "RFC-3881", "Patient Number"};
inline constexpr AuditCode kUri{"12", "RFC-3881", "URI"};

}  // namespace necknode::scp
