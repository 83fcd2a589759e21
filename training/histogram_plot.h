#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "training/anchor_design.h"
#include "training/box_shapes.h"
#include "training/plot_canvas.h"

namespace necknode::training {

/// Values of one group and how they are shown.
struct HistogramSeries {
  std::string name;
  std::vector<double> values;
  PlotColour colour;
};

/// Upright lines over a histogram.
struct HistogramMarks {
  std::string name;
  std::vector<double> at;
  PlotColour colour;
  bool dashed = false;
};

struct HistogramOptions {
  std::string title, quantity;  ///< quantity with unit
  bool logarithmic = false;     ///< the axis and the bins; all values above 0
  int bins = 30;
};

/// Overlaid histograms, each as the share of its own group in percent, so that groups of unequal
/// number can be compared. The axis spans all values and marks. Throws Error(kInvalidArgument)
/// where there is no value.
void AddHistogram(PlotCanvas& canvas,
                  const PlotArea& area,
                  const std::vector<HistogramSeries>& series,
                  const std::vector<HistogramMarks>& marks,
                  const HistogramOptions& options);

/// Size (percent of the image's area) and aspect (width / height) of the boxes by class, as the
/// paper's Figure 2. `what` names the data.
void PlotShapes(const std::vector<BoxShape>& shapes,
                const std::string& what,
                const std::filesystem::path& png);

/// Size and ratio of the boxes in the network's pixels with the designed and the default anchors.
void PlotAnchors(const std::vector<BoxSize>& boxes,
                 const AnchorSet& designed,
                 const AnchorSet& given,
                 const std::filesystem::path& png);

}  // namespace necknode::training
