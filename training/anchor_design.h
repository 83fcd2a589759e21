#pragma once

#include <cstdint>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "training/box_shapes.h"

namespace necknode::training {

/// Sides of a box in pixels of the network's input.
struct BoxSize {
  double width = 0, height = 0;
};

/// `shapes` as the network sees them at its pixel spacing.
[[nodiscard]] std::vector<BoxSize> SizesAt(const std::vector<BoxShape>& shapes,
                                           double pixel_spacing_mm);

/// As DetectorConfig has them: sizes ascending, one a level; ratios height / width, ascending.
struct AnchorSet {
  std::vector<double> sizes, ratios;
};

/// How well anchors meet boxes that lie anywhere on the grid of anchors.
struct AnchorFit {
  double mean_best_iou = 0;
  double recall_50 = 0, recall_70 = 0;  ///< share of the boxes with an anchor of IoU >= 0.5, 0.7
};

/// Best IoU of each box over all anchors, for 16 positions of its centre spread evenly over the
/// coarsest stride: what the proposal network's matching can find. `strides` are of the levels, one
/// a size. Throws Error(kInvalidArgument) where there are no boxes or the numbers differ.
[[nodiscard]] AnchorFit FitOf(const AnchorSet& anchors,
                              const std::vector<BoxSize>& boxes,
                              const std::vector<std::int64_t>& strides);

/// Anchors from the boxes' own histogram (the paper's idea). Sizes: the `sizes` clusters of the
/// square root of the area with the least mean IoU distance (of concentric boxes of one ratio,
/// 1 - (smaller / larger)^2), exact by dynamic programming over quantiles of the boxes. Ratios: the
/// middles of three equal shares of height / width. Sizes or ratios nearer than 5% to one another
/// are spread, so that each anchor is of use. Throws Error(kInvalidArgument) where there are no
/// boxes.
[[nodiscard]] AnchorSet DesignAnchors(const std::vector<BoxSize>& boxes, int sizes = 5);

/// Both sets with their fits.
[[nodiscard]] nlohmann::ordered_json AnchorsAsJson(const AnchorSet& designed,
                                                   const AnchorSet& given,
                                                   const std::vector<BoxSize>& boxes,
                                                   const std::vector<std::int64_t>& strides);

}  // namespace necknode::training
