#pragma once

#include <array>
#include <charconv>
#include <string>

namespace necknode::pipeline {

/// "2.0" of 2 and one digit: a number for a message, whatever the locale.
[[nodiscard]] inline std::string Decimal(double value, int digits) {
  std::array<char, 400> text{};  // the greatest double has 309 digits before the point
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, digits)
          .ptr;
  return {text.data(), end};
}

}  // namespace necknode::pipeline
