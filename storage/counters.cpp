#include "storage/counters.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

namespace necknode::storage {
namespace {

void AppendField(std::string& line, std::string_view field) {
  for (const char c : field) {
    switch (c) {
      case '\\':
        line += "\\\\";
        break;
      case '\t':
        line += "\\t";
        break;
      case '\n':
        line += "\\n";
        break;
      default:
        line += c;
    }
  }
}

std::string NumberText(double value) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

template <typename Number>
std::optional<Number> NumberOf(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::vector<std::string> FieldsOf(std::string_view line) {
  std::vector<std::string> fields(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\t') {
      fields.emplace_back();
    } else if (line[i] == '\\' && i + 1 < line.size()) {
      const char escaped = line[++i];
      fields.back() += escaped == 't' ? '\t' : escaped == 'n' ? '\n' : escaped;
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

std::optional<std::vector<std::uint64_t>> BucketsOf(std::string_view text) {
  std::vector<std::uint64_t> buckets;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const auto count = NumberOf<std::uint64_t>(text.substr(0, comma));
    if (!count) {
      return std::nullopt;
    }
    buckets.push_back(*count);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  if (!buckets.empty() && buckets.size() != kSecondsBounds.size() + 1) {
    return std::nullopt;
  }
  return buckets;
}

std::optional<CounterSample> SampleOf(std::string_view line) {
  constexpr std::size_t kBeforeLabels = 3;
  const std::vector<std::string> fields = FieldsOf(line);
  if (fields.size() < kBeforeLabels || (fields.size() - kBeforeLabels) % 2 != 0 ||
      fields[0].empty()) {
    return std::nullopt;
  }
  const auto value = NumberOf<double>(fields[1]);
  auto buckets = BucketsOf(fields[2]);
  if (!value || !std::isfinite(*value) || !buckets) {
    return std::nullopt;
  }
  CounterSample sample{fields[0], {}, *value, std::move(*buckets)};
  for (std::size_t i = kBeforeLabels; i < fields.size(); i += 2) {
    sample.labels.emplace_back(fields[i], fields[i + 1]);
  }
  return sample;
}

}  // namespace

std::string EncodeCounters(const std::vector<CounterSample>& counters) {
  std::string text;
  for (const CounterSample& sample : counters) {
    AppendField(text, sample.name);
    text += '\t' + NumberText(sample.value) + '\t';
    for (std::size_t i = 0; i < sample.buckets.size(); ++i) {
      text += (i == 0 ? "" : ",") + std::to_string(sample.buckets[i]);
    }
    for (const auto& [name, value] : sample.labels) {
      text += '\t';
      AppendField(text, name);
      text += '\t';
      AppendField(text, value);
    }
    text += '\n';
  }
  return text;
}

std::vector<CounterSample> DecodeCounters(const std::string& text) {
  std::vector<CounterSample> counters;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    if (auto sample = SampleOf(rest.substr(0, end))) {
      counters.push_back(std::move(*sample));
    }
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return counters;
}

}  // namespace necknode::storage
