#include "sr_writer/view_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sr_writer/character_set.h"

namespace necknode::sr_writer {
namespace {

constexpr std::size_t kMaxValue = 256, kMaxText = 4096;  // characters

bool AreDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> Split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return parts;
    text.remove_prefix(end + separator.size());
  }
}

std::string Trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(' '));
  while (!text.empty() && text.back() == ' ')
    text.pop_back();
  return text;
}

}  // namespace

std::string Shown(std::string_view value) { return Trimmed(Harmless(value, kMaxValue)); }

std::string ShownText(std::string_view value) { return Trimmed(Harmless(value, kMaxText, true)); }

std::string ShownName(const std::string& person_name) {
  std::string shown;
  for (const std::string& group : Split(person_name, "=")) {
    const std::vector<std::string> components = Split(group, "^");
    std::string name = Trimmed(components.front());
    std::string separator = name.empty() ? "" : ", ";
    for (std::size_t i = 1; i < components.size(); ++i) {
      if (const std::string part = Trimmed(components[i]); !part.empty()) {
        name += separator + part;
        separator = " ";
      }
    }
    if (!name.empty())
      shown += (shown.empty() ? "" : " = ") + name;
  }
  return Shown(shown);
}

std::string ShownDate(const std::string& date) {
  if (date.size() != 8 || !AreDigits(date))
    return Shown(date);
  return date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6);
}

std::string ShownMoment(const std::string& date, const std::string& time) {
  const std::string minutes = time.substr(0, 4);
  if (minutes.size() != 4 || !AreDigits(minutes))
    return ShownDate(date);
  return Trimmed(ShownDate(date) + " " + minutes.substr(0, 2) + ":" + minutes.substr(2));
}

std::string ShownAge(const std::string& age) {
  constexpr std::array<std::pair<char, std::string_view>, 4> kUnits = {
      {{'Y', " years"}, {'M', " months"}, {'W', " weeks"}, {'D', " days"}}};
  for (const auto& [letter, unit] : kUnits) {
    if (age.size() == 4 && age.back() == letter && AreDigits(age.substr(0, 3))) {
      const std::size_t digit = age.find_first_not_of('0');
      return (digit < 3 ? age.substr(digit, 3 - digit) : "0") + std::string(unit);
    }
  }
  return Shown(age);
}

std::string ShownNumber(const ReportItem& number) {
  if (number.text.empty())
    return {};
  std::string unit = number.unit.value;
  if (number.unit.Is(codes::kHounsfieldUnit))
    unit = "HU";
  else if (unit == "1" || (!unit.empty() && unit.front() == '{'))
    unit = "";
  return Shown(number.text + (unit.empty() ? "" : " " + unit));
}

void AddFact(std::vector<Fact>& facts, std::string_view name, std::string_view value) {
  if (!value.empty())
    facts.push_back({std::string(name), std::string(value)});
}

std::vector<std::string> ParametersNamed(const std::string& parameters, std::string_view key) {
  std::vector<std::string> values;
  for (const std::string& part : Split(parameters, "; ")) {
    if (part.starts_with(key) && part.size() > key.size() && part[key.size()] == '=')
      values.push_back(Shown(part.substr(key.size() + 1)));
  }
  return values;
}

std::string WithoutWarning(const std::string& text, const std::string& warning) {
  if (warning.empty() || !text.starts_with(warning))
    return text;
  const std::size_t rest = text.find_first_not_of(": ", warning.size());
  return rest == std::string::npos ? "" : text.substr(rest);
}

}  // namespace necknode::sr_writer
