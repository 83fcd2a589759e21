#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "storage/catalog.h"
#include "storage/sqlite.h"

namespace necknode::storage {

/// The conditions of a query that a person has put together, all of which must hold, and their
/// values. Conditions that nobody asked for do not stand in it, so that indices are used.
class QueryFilter {
 public:
  void Add(std::string_view condition, std::int64_t value) {
    Append(condition);
    values_.emplace_back(value);
  }
  void Add(std::string_view condition, std::string value) {
    Append(condition);
    values_.emplace_back(std::move(value));
  }
  /// Nothing where `value` is empty.
  void AddText(std::string_view condition, const std::string& value) {
    if (!value.empty())
      Add(condition, value);
  }
  void Append(std::string_view condition) {
    text_ += (text_.empty() ? "WHERE " : " AND ");
    text_ += condition;
  }
  /// Rows numbered by `id`, with their times in `time_ms`.
  void AddPage(const std::string& id, const PageOf& page) {
    if (page.before > 0)
      Add(id + " < ?", page.before);
  }
  void AddSpan(const std::string& time_ms, const TimeSpan& span) {
    if (span.since)
      Add(time_ms + " >= ?", span.since->time_since_epoch().count());
    if (span.until)
      Add(time_ms + " < ?", span.until->time_since_epoch().count());
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  void BindTo(Statement& query) const {
    for (const auto& value : values_) {
      if (const auto* number = std::get_if<std::int64_t>(&value)) {
        query.Bind(*number);
      } else {
        query.Bind(std::string_view(std::get<std::string>(value)));
      }
    }
  }

 private:
  std::string text_;
  std::vector<std::variant<std::int64_t, std::string>> values_;
};

/// Cuts what was read with one row more than wanted down to the page.
template <typename Row, typename Number>
Page<Row> PageFrom(std::vector<Row> rows, const PageOf& of, const Number& number) {
  Page<Row> page{std::move(rows), std::nullopt};
  if (of.limit > 0 && page.items.size() > static_cast<std::size_t>(of.limit)) {
    page.items.resize(static_cast<std::size_t>(of.limit));
    page.next = number(page.items.back());
  }
  return page;
}

/// The LIMIT to read with for PageFrom.
[[nodiscard]] inline std::int64_t OneMoreThan(int limit) {
  return limit > 0 ? std::int64_t{limit} + 1 : AtMost(0);
}

}  // namespace necknode::storage
