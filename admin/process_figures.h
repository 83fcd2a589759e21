#pragma once

#include <vector>

#include "core/counters.h"

namespace necknode::admin {

/// CPU time, memory, descriptors and start of this process under the names that Prometheus client
/// libraries use. What the system does not tell is left out.
[[nodiscard]] std::vector<CounterSample> ProcessFigures();

}  // namespace necknode::admin
