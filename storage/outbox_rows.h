#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/connections.h"
#include "storage/outbox.h"

namespace necknode::storage {

/// Begins a query of outbox rows `o` with their studies `s`, results `r` and fallbacks `f`.
inline constexpr std::string_view kSelectOutbox =
    "SELECT o.id, o.job_id, o.study_id, s.study_instance_uid, o.destination, r.kind,"
    " r.sop_class_uid, r.sop_instance_uid, r.object_key, f.sop_class_uid, f.sop_instance_uid,"
    " f.object_key, o.state, o.attempts, o.due_boot_id, o.due_boot_ms, o.last_status, o.reason,"
    " o.created_ms, o.updated_ms, o.delivered_ms, o.committed_ms, o.commitment"
    " FROM outbox o JOIN studies s ON s.id = o.study_id JOIN results r ON r.id = o.result_id"
    " LEFT JOIN results f ON f.id = o.fallback_result_id ";

[[nodiscard]] OutboxRow ReadOutboxRow(Statement& from, const Stamp& stamp);

template <typename... Values>
std::vector<OutboxRow> SelectOutbox(Database& database,
                                    const Stamp& stamp,
                                    std::string_view tail,
                                    const Values&... values) {
  Statement found(database, std::string(kSelectOutbox).append(tail));
  (found.Bind(values), ...);
  std::vector<OutboxRow> rows;
  while (found.Step())
    rows.push_back(ReadOutboxRow(found, stamp));
  return rows;
}

}  // namespace necknode::storage
