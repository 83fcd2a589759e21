#include "sr_writer/html_text.h"

#include <array>
#include <charconv>
#include <vector>

#include "core/digest.h"

namespace necknode::sr_writer {

std::string Escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string Base64(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (i + k < bytes.size() ? std::to_integer<unsigned>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t digit = group >> (18U - 6U * k) & 0x3FU;
      text += i + k > bytes.size() ? '=' : kDigits[digit];
    }
  }
  return text;
}

std::string PolicyHash(std::string_view inline_text) {
  const std::string hex = Sha256Of(inline_text);
  std::vector<std::byte> digest;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    digest.push_back(static_cast<std::byte>(value));
  }
  return "'sha256-" + Base64(digest) + "'";
}

}  // namespace necknode::sr_writer
