#include "admin/query.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

#include "core/error.h"

namespace necknode::admin {
namespace {

constexpr int kMostRows = 500;

[[noreturn]] void Refuse(const std::string& name, const std::string& why) {
  throw Error(ErrorCode::kInvalidArgument, name + ": " + why);
}

std::optional<std::int64_t> WholeNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

// Digits from `at`, `count` of them.
std::optional<int> DigitsAt(std::string_view text, std::size_t at, std::size_t count) {
  const auto digits = text.substr(at, count);
  const bool all = digits.size() == count && std::all_of(digits.begin(), digits.end(), [](char c) {
                     return c >= '0' && c <= '9';
                   });
  return all ? std::optional(static_cast<int>(*WholeNumber(digits))) : std::nullopt;
}

std::optional<WallTime> DayOf(std::string_view text) {
  const auto year = DigitsAt(text, 0, 4);
  const auto month = text.size() > 7 && text[4] == '-' ? DigitsAt(text, 5, 2) : std::nullopt;
  const auto day = text.size() > 9 && text[7] == '-' ? DigitsAt(text, 8, 2) : std::nullopt;
  if (!year || !month || !day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  return date.ok() ? std::optional<WallTime>(std::chrono::sys_days(date)) : std::nullopt;
}

// "T03:35:36Z", with or without a fraction of seconds, which does not count.
std::optional<std::chrono::seconds> TimeOfDay(std::string_view text) {
  if (text.size() < 10 || text[0] != 'T' || text[3] != ':' || text[6] != ':' ||
      text.back() != 'Z' || (text.size() > 10 && text[9] != '.')) {
    return std::nullopt;
  }
  const auto hours = DigitsAt(text, 1, 2);
  const auto minutes = DigitsAt(text, 4, 2);
  const auto seconds = DigitsAt(text, 7, 2);
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60) {
    return std::nullopt;
  }
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(*seconds);
}

std::optional<WallTime> TimeOfQuery(const Request& request, const std::string& name, bool end) {
  const std::string text = request.Query(name);
  if (text.empty()) {
    return std::nullopt;
  }
  const auto day = DayOf(text);
  if (day && text.size() == 10) {
    return *day + (end ? std::chrono::days(1) : std::chrono::days(0));
  }
  const auto time = text.size() > 10 ? TimeOfDay(std::string_view(text).substr(10)) : std::nullopt;
  if (!day || !time) {
    Refuse(name, "must be a date as 2026-11-27 or a time as 2026-11-27T03:35:36Z");
  }
  return *day + *time;
}

std::string Joined(std::initializer_list<const char*> words) {
  std::string joined;
  for (const char* word : words) {
    joined.append(joined.empty() ? "" : ", ").append(word);
  }
  return joined;
}

}  // namespace

void CheckQuery(const Request& request, std::initializer_list<const char*> known) {
  std::set<std::string> names(known.begin(), known.end());
  names.insert({"limit", "before"});
  for (const auto& [name, value] : request.query) {
    if (!names.contains(name)) {
      Refuse(name, "is nothing that can be asked for here");
    }
  }
}

void CheckMembers(const nlohmann::json& body, std::initializer_list<const char*> known) {
  const std::set<std::string> names(known.begin(), known.end());
  for (const auto& [name, value] : body.items()) {
    if (!names.contains(name)) {
      Refuse(name, "is no member that is known here");
    }
  }
}

storage::PageOf PageOfQuery(const Request& request) {
  storage::PageOf page;
  page.before = NumberOf(request, "before");
  if (const std::string text = request.Query("limit"); !text.empty()) {
    const auto limit = WholeNumber(text);
    if (!limit || *limit < 1 || *limit > kMostRows) {
      Refuse("limit", "must be a number from 1 to " + std::to_string(kMostRows));
    }
    page.limit = static_cast<int>(*limit);
  }
  return page;
}

std::int64_t NumberOf(const Request& request, const std::string& name) {
  const std::string text = request.Query(name);
  if (text.empty()) {
    return 0;
  }
  const auto number = WholeNumber(text);
  if (!number || *number < 1) {
    Refuse(name, "must be a positive number");
  }
  return *number;
}

std::string OneOf(const Request& request,
                  const std::string& name,
                  std::initializer_list<const char*> known) {
  const std::string value = request.Query(name);
  const bool found = value.empty() || std::any_of(known.begin(), known.end(), [&](const char* one) {
                       return value == one;
                     });
  if (!found) {
    Refuse(name, "must be one of " + Joined(known));
  }
  return value;
}

storage::TimeSpan SpanOf(const Request& request) {
  const storage::TimeSpan span{TimeOfQuery(request, "since", false),
                               TimeOfQuery(request, "until", true)};
  if (span.since && span.until && *span.since > *span.until) {
    Refuse("until", "must not be before since");
  }
  return span;
}

std::int64_t IdOf(const Request& request) {
  const std::string& text = request.parameters.at("id");
  const auto number = WholeNumber(text);
  if (!number || *number < 1) {
    throw Error(ErrorCode::kNotFound, "there is nothing with this number");
  }
  return *number;
}

std::string TextMember(const nlohmann::json& body, const std::string& name) {
  const auto found = body.find(name);
  if (found == body.end() || found->is_null()) {
    return {};
  }
  if (!found->is_string()) {
    Refuse(name, "must be text");
  }
  // What a script leaves empty by mistake must not mean all.
  if (found->get_ref<const std::string&>().empty()) {
    Refuse(name, "must not be empty; it may be left out");
  }
  return found->get<std::string>();
}

}  // namespace necknode::admin
