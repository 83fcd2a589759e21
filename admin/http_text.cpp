#include "admin/http_text.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace necknode::admin {
namespace {

constexpr std::size_t kMaxQueryNames = 64;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }

std::optional<std::string> Decoded(std::string_view text, bool form) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return std::nullopt;
      }
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (form && c == '+') {
      c = ' ';
    }
    if (IsControl(c)) {
      return std::nullopt;
    }
    decoded += c;
  }
  return decoded;
}

bool HasDotPart(std::string_view path) {
  while (!path.empty()) {
    const auto end = path.find('/');
    const std::string_view part = path.substr(0, end);
    if (part == "." || part == "..") {
      return true;
    }
    path = end == std::string_view::npos ? "" : path.substr(end + 1);
  }
  return false;
}

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  return lower;
}

std::optional<Target> ParseTarget(std::string_view target) {
  if (!target.starts_with('/') || target.starts_with("//") ||
      target.find('#') != std::string_view::npos) {
    return std::nullopt;
  }
  const auto mark = target.find('?');
  const auto path = Decoded(target.substr(0, mark), false);
  if (!path || HasDotPart(*path)) {
    return std::nullopt;
  }
  Target parsed{*path, {}};
  std::string_view rest = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    const auto equals = pair.find('=');
    const auto name = Decoded(pair.substr(0, equals), true);
    const auto value =
        Decoded(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
    if (!name || !value || parsed.query.size() >= kMaxQueryNames) {
      return std::nullopt;
    }
    if (!pair.empty()) {
      parsed.query[*name] = *value;
    }
  }
  return parsed;
}

std::string CookieOf(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = header.find(';');
    const std::string_view pair = Trimmed(header.substr(0, end));
    header = end == std::string_view::npos ? "" : header.substr(end + 1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string(pair.substr(equals + 1));
    }
  }
  return {};
}

std::string HostName(std::string_view header) {
  if (header.starts_with('[')) {
    const auto end = header.find(']');
    return end == std::string_view::npos ? "" : LowerCase(header.substr(1, end - 1));
  }
  const std::string_view host = header.substr(0, header.find(':'));
  const bool plain = std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
  return plain ? LowerCase(host) : "";
}

bool IsLoopbackName(std::string_view host) {
  const std::string text(host);
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (inet_pton(AF_INET, text.c_str(), address.data()) == 1) {
    return address[0] == 127;
  }
  return text == "localhost" || text == "::1";
}

}  // namespace necknode::admin
