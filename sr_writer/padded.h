#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace necknode::sr_writer {

/// Characters of a UTF-8 text: all bytes but those that continue one.
[[nodiscard]] inline std::size_t Length(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  }));
}

/// `text` with spaces behind it up to `width` characters; as it is where it is longer.
[[nodiscard]] inline std::string Padded(std::string text, std::size_t width) {
  const std::size_t length = Length(text);
  return text.append(length < width ? width - length : 0, ' ');
}

}  // namespace necknode::sr_writer
