#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/audit_trail.h"
#include "storage/connections.h"

namespace necknode::storage {

/// The study that the context names, by UID or row, is kept as its row where the index has it.
void AddAudit(Database& database, const AuditEvent& event, const Stamp& stamp);

/// Newest first. `limit` <= 0: all.
[[nodiscard]] std::vector<AuditRow> ReadAudit(Database& database, int limit);

/// The columns that ReadAuditRow reads, of the table `audit` as `a`.
inline constexpr std::string_view kAuditColumns =
    "a.id, a.time_ms, a.event, a.subject, a.outcome, a.detail, a.direction, a.peer_ae, a.own_ae,"
    " a.host, a.user, a.study_id, a.instances, a.sop_class_uid";
[[nodiscard]] AuditRow ReadAuditRow(Statement& from);

}  // namespace necknode::storage
