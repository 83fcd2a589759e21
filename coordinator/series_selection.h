#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "core/instance_header.h"

namespace necknode::coordinator {

/// What was found about one series.
struct SeriesVerdict {
  Uid series_instance_uid;
  std::string description;  ///< "CT, 80 images, 2.0 mm, axial"
  int images = 0;
  std::vector<std::string> refusals;  ///< empty: suitable
  std::vector<std::string> remarks;   ///< e.g. what made another series better
  bool selected = false;
};

/// Judges every series of a study by the route's rules and selects the best: a pure function of the
/// headers, the same for the coordinator, `process` and `explain`. At most one verdict is selected.
/// Verdicts in order of series number.
[[nodiscard]] std::vector<SeriesVerdict> SelectSeries(const std::vector<InstanceHeader>& instances,
                                                      const config::Route& route);

/// Whether an instance of the selected series is one of its analysable images: an original CT
/// image, no localizer, no derived page, none of our own results.
[[nodiscard]] bool IsAnalysable(const InstanceHeader& header);

}  // namespace necknode::coordinator
