#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "admin/request.h"
#include "core/clock.h"
#include "storage/catalog.h"

namespace necknode::admin {

// What a request asks for, checked. All throw Error(kInvalidArgument) with the name of what cannot
// be.

/// Refuses names in the query that are not among `known`; those of pages are.
void CheckQuery(const Request& request, std::initializer_list<const char*> known);
/// Refuses members of a body that are not among `known`.
void CheckMembers(const nlohmann::json& body, std::initializer_list<const char*> known);

/// `limit` (1 to 500, 50 where absent) and `before`.
[[nodiscard]] storage::PageOf PageOfQuery(const Request& request);
/// A positive number; 0 where absent.
[[nodiscard]] std::int64_t NumberOf(const Request& request, const std::string& name);
/// One of `known`, or empty where absent.
[[nodiscard]] std::string OneOf(const Request& request,
                                const std::string& name,
                                std::initializer_list<const char*> known);
/// `since` and `until`: a date "2026-11-27" or a time "2026-11-27T03:35:36Z" in UTC. A date as
/// `until` means its end.
[[nodiscard]] storage::TimeSpan SpanOf(const Request& request);
/// The part {id} of the path. What is no positive number is an Error(kNotFound).
[[nodiscard]] std::int64_t IdOf(const Request& request);
/// A member of a body that must be text, and not empty; empty where it is absent or null.
[[nodiscard]] std::string TextMember(const nlohmann::json& body, const std::string& name);

/// {"items": [...], "next": "<number>" or null}.
template <typename Row, typename ToJson>
nlohmann::json PageAsJson(const storage::Page<Row>& page, const ToJson& to_json) {
  nlohmann::json items = nlohmann::json::array();
  for (const Row& row : page.items) {
    items.push_back(to_json(row));
  }
  nlohmann::json next;
  if (page.next) {
    next = std::to_string(*page.next);
  }
  return {{"items", std::move(items)}, {"next", std::move(next)}};
}

}  // namespace necknode::admin
