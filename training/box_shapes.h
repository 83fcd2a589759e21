#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "training/labelled_study.h"

namespace necknode::training {

/// Size and shape of one true box, in the sense of the paper's Figure 2.
struct BoxShape {
  double width_px = 0, height_px = 0;  ///< of the slice's own pixels
  double width_mm = 0, height_mm = 0;
  double image_percent = 0;  ///< its area over the whole image's, in percent
  bool malignant = false;
  [[nodiscard]] double Aspect() const { return width_mm / height_mm; }
};

/// Shapes of all boxes of `studies`, in their order, without whose volumes this cannot be told.
/// `progress` counts studies.
[[nodiscard]] std::vector<BoxShape> ShapesOf(LabelledStudies& studies,
                                             const std::function<void(int done, int of)>& progress);

/// The value below which the share `quantile` (0 to 1) of `values` lies, linear between neighbours;
/// NaN of no values.
[[nodiscard]] double QuantileOf(std::vector<double> values, double quantile);

/// Counts and percentiles (0, 5, 25, 50, 75, 95, 100) of area, width, height and aspect, of all
/// boxes and by class.
[[nodiscard]] nlohmann::ordered_json ShapesAsJson(const std::vector<BoxShape>& shapes);
[[nodiscard]] std::string ShapesAsText(const std::vector<BoxShape>& shapes);

}  // namespace necknode::training
