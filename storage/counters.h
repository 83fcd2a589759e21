#pragma once

#include <string>
#include <vector>

#include "core/counters.h"

namespace necknode::storage {

/// A role's counters as the text of its row: a line for each, its fields separated by tabs: name,
/// value, how many in each bucket (separated by commas; empty for what is no histogram), then the
/// names and values of the labels in turn. Backslash, tab and line end within a field are escaped.
[[nodiscard]] std::string EncodeCounters(const std::vector<CounterSample>& counters);

/// Reads that text. Lines of another program version that make no sense here are left out.
[[nodiscard]] std::vector<CounterSample> DecodeCounters(const std::string& text);

}  // namespace necknode::storage
