#pragma once

#include <nlohmann/json.hpp>

#include "admin/node_services.h"
#include "storage/catalog.h"

namespace necknode::admin {

// Rows as the API and the command line show them: keys in snake_case, times as Iso8601() writes
// them (null: never), text in UTF-8.

/// "1 document", "3 documents", "2 studies".
[[nodiscard]] std::string Counted(int count, const std::string& what);

/// Null for the epoch, which rows keep for "never".
[[nodiscard]] nlohmann::json TimeAsJson(WallTime time);

/// A study as lists show it; `text` decodes what peers sent.
[[nodiscard]] nlohmann::json StudyAsJson(const storage::StudySummary& summary,
                                         const TextDecoder& text);
/// What became of a study, in words: why it waits, what was found, what a person must look at.
[[nodiscard]] std::string StatusText(const storage::StudySummary& summary);
[[nodiscard]] nlohmann::json SeriesAsJson(const storage::SeriesSummary& series,
                                          const TextDecoder& text);
[[nodiscard]] nlohmann::json PriorAsJson(const storage::PriorStudy& prior);
[[nodiscard]] nlohmann::json JobAsJson(const storage::Job& job);
/// The same with the documents that it made.
[[nodiscard]] nlohmann::json JobAsJson(const storage::Job& job,
                                       const std::vector<storage::NewResult>& results);
[[nodiscard]] nlohmann::json OutboxRowAsJson(const storage::OutboxRow& row);
[[nodiscard]] nlohmann::json CommitmentRequestAsJson(const storage::CommitmentRequestRow& row);
[[nodiscard]] nlohmann::json QuarantineAsJson(const storage::QuarantineRow& row);
[[nodiscard]] nlohmann::json AuditAsJson(const storage::AuditRow& row);
[[nodiscard]] nlohmann::json RoleAsJson(const storage::RoleStatus& role, WallTime now);
/// With the routes that use it.
[[nodiscard]] nlohmann::json PackageAsJson(const storage::PackageRow& package,
                                           const config::Config& config);

}  // namespace necknode::admin
