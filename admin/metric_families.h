#pragma once

#include <span>

namespace necknode::admin {

/// A metric as it is exported: its name, the unit within, its type and what it says.
struct MetricFamily {
  const char* name;
  const char* type;  ///< "counter", "gauge" or "histogram"
  const char* help;
};

/// Every metric there can be, in the order in which they are written. docs/monitoring.md has the
/// same list with labels.
[[nodiscard]] std::span<const MetricFamily> MetricFamilies();

}  // namespace necknode::admin
