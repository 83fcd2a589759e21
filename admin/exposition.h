#pragma once

#include <string>
#include <vector>

#include "core/counters.h"

namespace necknode::admin {

enum class ExpositionFormat {
  kPrometheus,   ///< text format 0.0.4
  kOpenMetrics,  ///< 1.0.0
};

/// What a scraper's Accept header asks for.
[[nodiscard]] ExpositionFormat FormatFor(const std::string& accept);
[[nodiscard]] const char* ContentTypeOf(ExpositionFormat format);

/// The samples as text, those of one family together with its HELP and TYPE. Where name and labels
/// stand twice, values and buckets are added. A name that MetricFamilies() does not know is left
/// out.
[[nodiscard]] std::string Expose(const std::vector<CounterSample>& samples,
                                 ExpositionFormat format);

}  // namespace necknode::admin
