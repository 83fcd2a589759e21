#include "admin/exposition.h"

#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "admin/metric_families.h"

namespace necknode::admin {
namespace {

std::string NumberText(double value) {
  std::array<char, 32> text{};
  // Whole numbers in full: 1048576 rather than 1.048576e+06.
  constexpr double kExact = 9e15;
  const bool whole = std::nearbyint(value) == value && std::fabs(value) < kExact;
  const auto [end, error] =
      whole ? std::to_chars(text.data(), text.data() + text.size(), static_cast<long long>(value))
            : std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

std::string Escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') {
      text += '\\';
      text += c;
    } else if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text;
}

// `bound`: of a histogram's bucket, or empty.
std::string LabelText(const Labels& labels, const std::string& bound) {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    text.append(text.empty() ? "{" : ",").append(name).append("=\"").append(Escaped(value)) += '"';
  };
  for (const auto& [name, value] : labels) {
    add(name, value);
  }
  if (!bound.empty()) {
    add("le", bound);
  }
  return text.empty() ? "" : text + "}";
}

// OpenMetrics wants bounds as floating point numbers, and the series must not change with the
// format.
std::string BoundText(double bound) {
  const std::string text = NumberText(bound);
  return text.find('.') == std::string::npos ? text + ".0" : text;
}

void WriteHistogram(const CounterSample& sample, std::string& text) {
  std::uint64_t below = 0;
  const auto line = [&](const char* suffix, const std::string& bound, const std::string& value) {
    text += sample.name + suffix + LabelText(sample.labels, bound) + " " + value + "\n";
  };
  for (std::size_t i = 0; i < sample.buckets.size(); ++i) {
    below += sample.buckets[i];
    line("_bucket",
         i < kSecondsBounds.size() ? BoundText(kSecondsBounds[i]) : "+Inf",
         std::to_string(below));
  }
  line("_sum", "", NumberText(sample.value));
  line("_count", "", std::to_string(below));
}

void AddTo(CounterSample& total, const CounterSample& sample) {
  total.value += sample.value;
  total.buckets.resize(std::max(total.buckets.size(), sample.buckets.size()));
  for (std::size_t i = 0; i < sample.buckets.size(); ++i) {
    total.buckets[i] += sample.buckets[i];
  }
}

std::string HeadOf(const MetricFamily& family, ExpositionFormat format) {
  std::string name = family.name;
  constexpr std::string_view kTotal = "_total";
  if (format == ExpositionFormat::kOpenMetrics && name.ends_with(kTotal)) {
    name.resize(name.size() - kTotal.size());
  }
  return "# HELP " + name + " " + family.help + "\n# TYPE " + name + " " + family.type + "\n";
}

}  // namespace

ExpositionFormat FormatFor(const std::string& accept) {
  return accept.find("application/openmetrics-text") == std::string::npos
             ? ExpositionFormat::kPrometheus
             : ExpositionFormat::kOpenMetrics;
}

const char* ContentTypeOf(ExpositionFormat format) {
  return format == ExpositionFormat::kOpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

std::string Expose(const std::vector<CounterSample>& samples, ExpositionFormat format) {
  std::map<std::string, std::map<Labels, CounterSample>> families;
  for (const CounterSample& sample : samples) {
    auto& family = families[sample.name];
    const auto [found, added] = family.emplace(sample.labels, sample);
    if (!added) {
      AddTo(found->second, sample);
    }
  }
  std::string text;
  for (const MetricFamily& family : MetricFamilies()) {
    const auto found = families.find(family.name);
    if (found == families.end()) {
      continue;
    }
    text += HeadOf(family, format);
    const bool histogram = std::string_view(family.type) == "histogram";
    for (const auto& [labels, sample] : found->second) {
      if (histogram) {
        WriteHistogram(sample, text);
      } else {
        text += sample.name + LabelText(labels, "") + " " + NumberText(sample.value) + "\n";
      }
    }
  }
  return format == ExpositionFormat::kOpenMetrics ? text + "# EOF\n" : text;
}

}  // namespace necknode::admin
