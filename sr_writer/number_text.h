#pragma once

#include <array>
#include <charconv>
#include <string>

namespace necknode::sr_writer {

/// With so many decimals, whatever the locale.
[[nodiscard]] inline std::string Fixed(double value, int decimals) {
  std::array<char, 64> digits{};
  const auto [end, error] = std::to_chars(
      digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals);
  return error == std::errc() ? std::string(digits.data(), end) : "?";
}

/// "1 slice", "2 slices".
[[nodiscard]] inline std::string Count(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace necknode::sr_writer
