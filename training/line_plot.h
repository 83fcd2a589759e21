#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "training/plot_canvas.h"

namespace necknode::training {

/// A line, with a band about it where `low` and `high` are not empty, or marks with error bars.
struct PlotSeries {
  std::string name;  ///< in the legend; empty: not in it
  PlotColour colour = kPlotBlue;
  std::vector<PlotPoint> points;
  std::vector<PlotPoint> low, high;  ///< band, on the same x
  bool marks = false;                ///< points instead of a line
  bool dashed = false;
  struct Bar {
    double x = 0, low = 0, high = 0;
  };
  std::vector<Bar> intervals;  ///< upright error bars
};

struct PlotPanelSpec {
  std::string title;
  PlotAxis x, y;
  std::vector<PlotSeries> series;
  PlotCorner legend = PlotCorner::kBottomRight;
};

/// Draws panels side by side, in rows of `columns`.
void DrawPanels(const std::filesystem::path& path,
                const std::string& title,
                const std::vector<PlotPanelSpec>& panels,
                int columns,
                int panel_width,
                int panel_height);

/// Saves so that an older picture is replaced only once the new one is whole. Throws
/// Error(kStorageFailed).
void SaveWhole(const PlotCanvas& canvas, const std::filesystem::path& path);

/// Draws loss, learning rate and validation figures of a run's curve.csv. Nothing without rows.
void DrawTrainingCurve(const std::filesystem::path& curve, const std::filesystem::path& picture);

}  // namespace necknode::training
