#include "training/report_plots.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "training/figure_text.h"
#include "training/line_plot.h"

namespace necknode::training {
namespace {

constexpr int kWidth = 620, kHeight = 560;
constexpr double kLowestRate = 0.0625, kHighestRate = 10;  // false positives on FROC's axis
constexpr int kGridSteps = 80;

/// From 0 to 1 and a little beyond, so that a perfect curve does not lie on the frame.
PlotAxis ShareAxis(const std::string& title) {
  return {title, -0.02, 1.02, false, {0, 0.2, 0.4, 0.6, 0.8, 1}};
}

/// A staircase: between two corners the sensitivity is that of the left one.
std::vector<PlotPoint> Steps(const std::vector<models::CurvePoint>& corners, double to) {
  std::vector<PlotPoint> points;
  for (const auto& corner : corners) {
    if (!points.empty()) {
      points.push_back({corner.false_positives, points.back().y});
    }
    points.push_back({corner.false_positives, corner.sensitivity});
  }
  if (!points.empty() && points.back().x < to) {
    points.push_back({to, points.back().y});
  }
  return points;
}

/// Band of the bootstrap at `rates`. Both of its edges only rise, as the curve does.
void AddBand(PlotSeries& series,
             const models::ThresholdCurve& curve,
             const std::vector<double>& rates) {
  double low = 0;
  for (const auto& at : models::SensitivitiesAt(curve, rates, kBootstrapRounds, kBootstrapSeed)) {
    low = std::max(low, at.sensitivity.low);
    series.low.push_back({at.false_positives, low});
    series.high.push_back({at.false_positives, at.sensitivity.high});
  }
}

/// An interval along x.
PlotSeries Sideways(const models::Interval& x, double y, const PlotColour& colour) {
  PlotSeries series;
  series.colour = colour;
  series.points = {{x.low, y}, {x.high, y}};
  return series;
}

models::Interval FalsePositiveRate(const models::ClassifierFigures& figures) {
  return models::WilsonInterval(figures.false_positives,
                                figures.false_positives + figures.true_negatives);
}

/// A mark with its intervals along both axes.
void AddMark(std::vector<PlotSeries>& all,
             const std::string& name,
             const PlotColour& colour,
             const models::ClassifierFigures& figures) {
  const auto rate = FalsePositiveRate(figures);
  PlotSeries mark;
  mark.name = name;
  mark.colour = colour;
  mark.marks = true;
  mark.points = {{rate.value, figures.sensitivity.value}};
  mark.intervals = {{rate.value, figures.sensitivity.low, figures.sensitivity.high}};
  all.push_back(Sideways(rate, figures.sensitivity.value, colour));
  all.push_back(std::move(mark));
}

/// "nodes, AUC 0.92 (0.84 to 0.96)".
std::string AucText(const std::string& what, const models::Interval& auc) {
  return what + ", AUC " + IntervalText(auc);
}

/// "61 metastatic and 38 benign".
std::string CountsOf(const models::ClassifierFigures& figures) {
  return std::to_string(figures.true_positives + figures.false_negatives) + " metastatic and " +
         std::to_string(figures.true_negatives + figures.false_positives) + " benign";
}

PlotSeries FrocSeries(const PlotColour& colour, const models::ThresholdCurve& curve) {
  PlotSeries series;
  series.name = "detector, band: 95% bootstrap";
  series.colour = colour;
  series.points = Steps(models::PointsOf(curve), 0);
  std::vector<double> rates;
  const double last = series.points.empty() ? kLowestRate : series.points.back().x;
  for (int i = 0; i <= kGridSteps; ++i) {
    const double share = static_cast<double>(i) / kGridSteps;
    const double rate = kLowestRate * std::pow(kHighestRate / kLowestRate, share);
    if (rate <= last) {
      rates.push_back(rate);
    }
  }
  AddBand(series, curve, rates);
  return series;
}

PlotPanelSpec FrocPanel(const std::string& title,
                        const std::string& x_title,
                        const PlotColour& colour,
                        const models::ThresholdCurve& curve,
                        double score,
                        const models::Interval& sensitivity) {
  double false_positives = 0;
  for (const auto& corner : models::PointsOf(curve)) {
    false_positives = corner.score >= score ? corner.false_positives : false_positives;
  }
  // A point left of the axis is drawn on its edge.
  const double x = std::max(false_positives, kLowestRate);
  PlotSeries point;
  point.name = "score >= " + NumberText(score, 2) + ", bar: 95% Wilson";
  point.colour = kPlotBlack;
  point.marks = true;
  point.points = {{x, sensitivity.value}};
  point.intervals = {{x, sensitivity.low, sensitivity.high}};
  return {title,
          {x_title, kLowestRate, kHighestRate, true, {0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8}},
          ShareAxis("sensitivity"),
          {FrocSeries(colour, curve), std::move(point)},
          PlotCorner::kBottomRight};
}

}  // namespace

void DrawRoc(const EvaluationReport& report, const std::filesystem::path& path) {
  const auto& nodes = report.figures.per_node;
  const auto& boxes = report.figures.per_box;
  std::vector<PlotSeries> all;
  all.push_back({"chance", kPlotGrey, {{0, 0}, {1, 1}}, {}, {}, false, true, {}});
  all.push_back({AucText("boxes", boxes.auc),
                 kPlotSky,
                 Steps(models::PointsOf(report.roc_boxes), 1),
                 {},
                 {},
                 false,
                 false,
                 {}});
  PlotSeries model;
  model.name = AucText("nodes", nodes.auc);
  model.points = Steps(models::PointsOf(report.roc_nodes), 1);
  std::vector<double> rates;
  for (int i = 0; i <= kGridSteps; ++i) {
    rates.push_back(static_cast<double>(i) / kGridSteps);
  }
  AddBand(model, report.roc_nodes, rates);
  all.push_back(std::move(model));
  AddMark(all,
          "nodes at probability >= " + NumberText(report.thresholds.malignant_probability, 2),
          kPlotBlack,
          nodes);
  if (report.readers) {
    bool first = true;
    for (const auto& reader : report.readers->readers) {
      const auto& figures = reader.figures;
      const auto malignant = figures.true_positives + figures.false_negatives;
      if (malignant == 0 || figures.true_negatives + figures.false_positives == 0) {
        continue;  // has no place in the plane
      }
      AddMark(all, first ? "readers" : "", kPlotOrange, figures);
      first = false;
    }
  }
  DrawPanels(path,
             "Malignancy: " + CountsOf(nodes) + " nodes",
             {{"bars: 95% Wilson; band: 95% bootstrap over patients; AUC: DeLong",
               ShareAxis("false positive rate (1 - TNR)"),
               ShareAxis("true positive rate"),
               std::move(all),
               PlotCorner::kBottomRight}},
             1,
             kWidth,
             kHeight);
}

void DrawFroc(const EvaluationReport& report, const std::filesystem::path& path) {
  const double score = report.thresholds.detection_score;
  std::vector<PlotPanelSpec> panels = {FrocPanel("boxes, IoU >= 0.5",
                                                 "false positives per slice",
                                                 kPlotBlue,
                                                 report.froc_slices,
                                                 score,
                                                 report.figures.recall)};
  if (!report.per_study.empty()) {
    panels.push_back(FrocPanel("nodes, found on any of their slices",
                               "false findings per study",
                               kPlotOrange,
                               report.froc_studies,
                               score,
                               report.figures.node_recall));
  }
  const int columns = static_cast<int>(panels.size());
  DrawPanels(path,
             "Detection: " + std::to_string(report.answers.truths.size()) + " boxes of " +
                 std::to_string(report.figures.nodes) + " nodes on " +
                 std::to_string(report.answers.images) + " slices",
             panels,
             columns,
             kWidth,
             kHeight);
}

void DrawReliability(const EvaluationReport& report, const std::filesystem::path& path) {
  constexpr double kCountsHeight = 170;
  constexpr double kDigitWidth = 0.018;  // on the axis
  PlotCanvas canvas(kWidth, kHeight + static_cast<int>(kCountsHeight), "Calibration of malignancy");
  const PlotArea room = canvas.Room();
  const double middle = room.bottom - kCountsHeight;
  const double error = report.figures.per_box.calibration_error;
  PlotPanel upper = canvas.AddPanel({room.left, room.top, room.right, middle},
                                    "temperature " + NumberText(report.thresholds.temperature, 2) +
                                        ": ECE " + NumberText(error) + "; uncalibrated: ECE " +
                                        NumberText(report.uncalibrated_error),
                                    ShareAxis(""),
                                    ShareAxis("share that is malignant"));
  upper.Line({{0, 0}, {1, 1}}, kPlotGrey, 1.5, true);
  std::int64_t most = 1;
  for (const auto& bin : report.reliability) {
    most = std::max(most, bin.count);
    if (bin.count > 0) {
      upper.Interval(bin.mean_probability, bin.malignant.low, bin.malignant.high, kPlotBlue);
      upper.Point({bin.mean_probability, bin.malignant.value}, kPlotBlue);
    }
  }
  upper.Legend(PlotCorner::kBottomRight,
               {{"boxes of a bin, 95% Wilson interval", kPlotBlue, PlotMark::kPoint},
                {"perfectly calibrated", kPlotGrey, PlotMark::kDashes}});
  PlotPanel lower = canvas.AddPanel({room.left, middle, room.right, room.bottom},
                                    "",
                                    ShareAxis("calibrated probability of malignancy"),
                                    {"boxes", 0, 1.3 * static_cast<double>(most), false, {}});
  for (const auto& bin : report.reliability) {
    const auto count = static_cast<double>(bin.count);
    lower.Bar(bin.low, bin.high, count, kPlotSky);
    const std::string text = std::to_string(bin.count);
    const double middle_of_bin = (bin.low + bin.high) / 2;
    lower.Text({middle_of_bin - kDigitWidth / 2 * static_cast<double>(text.size()),
                count + 0.04 * static_cast<double>(most)},
               text);
  }
  SaveWhole(canvas, path);
}

}  // namespace necknode::training
