#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace necknode::admin {

/// A request target in origin form, decoded.
struct Target {
  std::string path;
  std::map<std::string, std::string> query;  ///< of a name that stands twice the last
};

/// Takes a target apart. nullopt for what no page of ours ever asks: another form, a broken escape,
/// a control character, a part "." or "..", more than 64 names.
[[nodiscard]] std::optional<Target> ParseTarget(std::string_view target);

/// The value of a cookie in a Cookie header, or empty.
[[nodiscard]] std::string CookieOf(std::string_view header, std::string_view name);

/// The host of a Host header without its port, in lower case and without brackets; empty where it
/// is none.
[[nodiscard]] std::string HostName(std::string_view header);

/// Whether a name or address always means this machine: localhost, 127.0.0.0/8, ::1.
[[nodiscard]] bool IsLoopbackName(std::string_view host);

[[nodiscard]] std::string LowerCase(std::string_view text);

}  // namespace necknode::admin
