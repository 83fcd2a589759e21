#include "dicom_io/value_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace necknode::dicom_io {

namespace {

constexpr std::string_view kPadding{" \0", 2};

// std::from_chars takes no plus sign, DS and IS may have one.
std::string_view WithoutPlus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') {
    text.remove_prefix(1);
  }
  return text;
}

}  // namespace

std::string_view TrimEnd(std::string_view text) {
  const auto last = text.find_last_not_of(kPadding);
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::string_view Trim(std::string_view text) {
  text = TrimEnd(text);
  const auto first = text.find_first_not_of(kPadding);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

std::vector<std::string> SplitValues(std::string_view text) {
  std::vector<std::string> values;
  text = Trim(text);
  if (text.empty()) {
    return values;
  }
  for (;;) {
    const auto end = text.find('\\');
    values.emplace_back(Trim(text.substr(0, end)));
    if (end == std::string_view::npos) {
      return values;
    }
    text.remove_prefix(end + 1);
  }
}

std::optional<int> ParseInteger(std::string_view text) {
  text = WithoutPlus(Trim(text));
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<double> ParseDecimal(std::string_view text) {
  text = WithoutPlus(Trim(text));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::vector<double>> ParseDecimals(std::string_view text, std::size_t count) {
  std::vector<double> numbers;
  for (const auto& value : SplitValues(text)) {
    const auto number = ParseDecimal(value);
    if (!number) {
      return std::nullopt;
    }
    numbers.push_back(*number);
  }
  if (numbers.size() != count) {
    return std::nullopt;
  }
  return numbers;
}

std::string DecimalText(double value, int places) {
  // Room for the largest double written out, and its decimals.
  std::array<char, 400> text;
  const auto [end, error] = std::to_chars(
      text.data(), text.data() + text.size(), value, std::chars_format::fixed, places);
  return error == std::errc() ? std::string(text.data(), end) : "?";
}

std::string TagText(std::uint32_t tag) {
  char text[12];
  const int size = std::snprintf(text, sizeof text, "(%04x,%04x)", tag >> 16, tag & 0xFFFFU);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace necknode::dicom_io
