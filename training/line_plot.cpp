#include "training/line_plot.h"

#include <algorithm>
#include <cmath>
#include <system_error>

#include "core/error.h"
#include "models/training_curve.h"

namespace necknode::training {
namespace {

constexpr int kPanelWidth = 460, kPanelHeight = 360;
constexpr std::size_t kSmoothingShare = 50;  // a running mean over this part of the rows

void DrawSeries(PlotPanel& panel, const PlotSeries& series) {
  if (!series.low.empty()) {
    panel.Band(series.low, series.high, series.colour);
  }
  for (const auto& bar : series.intervals) {
    panel.Interval(bar.x, bar.low, bar.high, series.colour);
  }
  if (!series.marks) {
    panel.Line(series.points, series.colour, 2, series.dashed);
    return;
  }
  for (const PlotPoint& point : series.points) {
    panel.Point(point, series.colour);
  }
}

void DrawPanel(PlotCanvas& canvas, const PlotArea& area, const PlotPanelSpec& spec) {
  PlotPanel panel = canvas.AddPanel(area, spec.title, spec.x, spec.y);
  std::vector<PlotLegendEntry> legend;
  for (const PlotSeries& series : spec.series) {
    DrawSeries(panel, series);
    if (!series.name.empty()) {
      legend.push_back({series.name,
                        series.colour,
                        series.marks    ? PlotMark::kPoint
                        : series.dashed ? PlotMark::kDashes
                                        : PlotMark::kLine});
    }
  }
  if (!legend.empty()) {
    panel.Legend(spec.legend, legend);
  }
}

const std::vector<PlotColour>& Colours() {
  static const std::vector<PlotColour> colours = {
      kPlotBlue, kPlotOrange, kPlotGreen, kPlotPurple, kPlotSky, kPlotBlack};
  return colours;
}

/// Mean over the last rows up to each row: a batch of two leaves a jagged curve.
std::vector<PlotPoint> Smoothed(const std::vector<PlotPoint>& points) {
  const std::size_t window = std::max<std::size_t>(1, points.size() / kSmoothingShare);
  std::vector<PlotPoint> result;
  double sum = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    sum += points[i].y;
    if (i >= window) {
      sum -= points[i - window].y;
    }
    result.push_back({points[i].x, sum / static_cast<double>(std::min(i + 1, window))});
  }
  return result;
}

double HighestOf(const std::vector<PlotSeries>& series) {
  double highest = 0;
  for (const PlotSeries& one : series) {
    for (const PlotPoint& point : one.points) {
      highest = std::isfinite(point.y) ? std::max(highest, point.y) : highest;
    }
  }
  return highest > 0 ? highest : 1;
}

std::vector<PlotSeries> LossSeries(const std::vector<models::TrainingReport>& rows) {
  std::vector<PlotSeries> series(1);
  series[0].name = "sum";
  series[0].colour = kPlotBlack;
  const auto& parts = rows.front().losses;
  for (std::size_t i = 0; parts.size() > 1 && i < parts.size(); ++i) {
    series.push_back(
        {parts[i].first, Colours()[i % Colours().size()], {}, {}, {}, false, false, {}});
  }
  for (const auto& row : rows) {
    const auto step = static_cast<double>(row.step);
    series[0].points.push_back({step, row.loss});
    for (std::size_t i = 1; i < series.size(); ++i) {
      series[i].points.push_back({step, row.losses[i - 1].second});
    }
  }
  for (PlotSeries& one : series) {
    one.points = Smoothed(one.points);
  }
  return series;
}

std::vector<PlotSeries> ValidationSeries(const std::vector<models::TrainingReport>& rows) {
  std::vector<PlotSeries> series;
  for (const auto& row : rows) {
    for (const auto& [name, value] : row.validation) {
      auto at = std::find_if(
          series.begin(), series.end(), [&](const auto& one) { return one.name == name; });
      if (at == series.end()) {
        const auto colour = Colours()[series.size() % Colours().size()];
        at = series.insert(series.end(), {name, colour, {}, {}, {}, false, false, {}});
      }
      at->points.push_back({static_cast<double>(row.step), value});
    }
  }
  return series;
}

}  // namespace

void SaveWhole(const PlotCanvas& canvas, const std::filesystem::path& path) {
  auto temporary = path;
  temporary.replace_extension(".part.png");
  std::error_code error;
  std::filesystem::remove(temporary, error);
  canvas.Save(temporary);
  if (!std::filesystem::exists(temporary)) {
    return;  // built without OpenCV: Save has said so
  }
  std::filesystem::rename(temporary, path, error);
  if (error) {
    throw Error(ErrorCode::kStorageFailed, "cannot write " + path.string());
  }
}

void DrawPanels(const std::filesystem::path& path,
                const std::string& title,
                const std::vector<PlotPanelSpec>& panels,
                int columns,
                int panel_width,
                int panel_height) {
  constexpr int kTitleHeight = 40;
  const int count = static_cast<int>(panels.size());
  const int rows = (count + columns - 1) / columns;
  PlotCanvas canvas(columns * panel_width, rows * panel_height + kTitleHeight, title);
  const PlotArea room = canvas.Room();
  const double width = (room.right - room.left) / columns;
  const double height = (room.bottom - room.top) / rows;
  for (int i = 0; i < count; ++i) {
    const double left = room.left + width * (i % columns);
    const double top = room.top + height * (i / columns);
    DrawPanel(canvas, {left, top, left + width, top + height}, panels[static_cast<std::size_t>(i)]);
  }
  SaveWhole(canvas, path);
}

void DrawTrainingCurve(const std::filesystem::path& curve, const std::filesystem::path& picture) {
  const auto rows = models::ReadCurve(curve);
  if (rows.empty()) {
    return;
  }
  const PlotAxis steps{"training step",
                       0,
                       static_cast<double>(std::max<std::int64_t>(rows.back().step, 1)),
                       false,
                       {}};
  std::vector<PlotPanelSpec> panels;
  auto losses = LossSeries(rows);
  const double highest_loss = HighestOf(losses);
  panels.push_back({"training loss (running mean)",
                    steps,
                    {"loss", 0, 1.05 * highest_loss, false, {}},
                    std::move(losses),
                    PlotCorner::kTopRight});
  PlotSeries rate;
  for (const auto& row : rows) {
    rate.points.push_back({static_cast<double>(row.step), row.learning_rate});
  }
  const double highest_rate = HighestOf({rate});
  panels.push_back({"rate of the optimiser",
                    steps,
                    {"learning rate", 0, 1.05 * highest_rate, false, {}},
                    {std::move(rate)},
                    PlotCorner::kTopRight});
  auto validation = ValidationSeries(rows);
  if (!validation.empty()) {
    for (std::size_t i = validation.size(); i-- > 0;) {
      // Few and far between: the measured points are shown on their line.
      PlotSeries marks = validation[i];
      marks.name.clear();
      marks.marks = true;
      validation.push_back(std::move(marks));
    }
    panels.push_back({"validation, on unseen data",
                      steps,
                      {"figure (0 to 1)", 0, 1, false, {}},
                      std::move(validation),
                      PlotCorner::kBottomRight});
  }
  const int columns = static_cast<int>(panels.size());
  DrawPanels(picture, "Training run", panels, columns, kPanelWidth, kPanelHeight);
}

}  // namespace necknode::training
