#include "training/histogram_plot.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace necknode::training {
namespace {

constexpr int kWidth = 1200, kHeight = 520;

struct Range {
  double low = 0, high = 1;
};

Range RangeOf(const std::vector<HistogramSeries>& series,
              const std::vector<HistogramMarks>& marks,
              const HistogramOptions& options) {
  std::vector<double> all;
  for (const auto& one : series) {
    all.insert(all.end(), one.values.begin(), one.values.end());
  }
  if (all.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "a histogram of no values: " + options.quantity);
  }
  for (const auto& mark : marks) {
    all.insert(all.end(), mark.at.begin(), mark.at.end());
  }
  const auto [least, most] = std::minmax_element(all.begin(), all.end());
  if (options.logarithmic) {
    const double margin = std::max(1.03, std::pow(*most / *least, 0.03));
    return {*least / margin, *most * margin};
  }
  return {std::min(0.0, *least), *most + 0.03 * std::max(*most - *least, 1e-9)};
}

/// Edge `i` of `bins` bins.
double EdgeOf(const Range& range, const HistogramOptions& options, int i) {
  const double share = static_cast<double>(i) / options.bins;
  return options.logarithmic ? range.low * std::pow(range.high / range.low, share)
                             : range.low + share * (range.high - range.low);
}

std::vector<double> SharesOf(const std::vector<double>& values,
                             const Range& range,
                             const HistogramOptions& options) {
  std::vector<double> shares(static_cast<std::size_t>(options.bins), 0);
  for (const double value : values) {
    const double at = options.logarithmic
                          ? std::log(value / range.low) / std::log(range.high / range.low)
                          : (value - range.low) / (range.high - range.low);
    const int bin = std::clamp(static_cast<int>(at * options.bins), 0, options.bins - 1);
    shares[static_cast<std::size_t>(bin)] += 100.0 / static_cast<double>(values.size());
  }
  return shares;
}

std::vector<HistogramSeries> ByClass(const std::vector<BoxShape>& shapes,
                                     double (*value)(const BoxShape&)) {
  std::vector<HistogramSeries> series = {{"benign", {}, kPlotBlue},
                                         {"metastatic", {}, kPlotOrange}};
  for (const BoxShape& shape : shapes) {
    series[shape.malignant ? 1 : 0].values.push_back(value(shape));
  }
  return series;
}

}  // namespace

void AddHistogram(PlotCanvas& canvas,
                  const PlotArea& area,
                  const std::vector<HistogramSeries>& series,
                  const std::vector<HistogramMarks>& marks,
                  const HistogramOptions& options) {
  const Range range = RangeOf(series, marks, options);
  std::vector<std::vector<double>> shares;
  double most = 0;
  for (const auto& one : series) {
    shares.push_back(SharesOf(one.values, range, options));
    most = std::max(most, *std::max_element(shares.back().begin(), shares.back().end()));
  }
  // Room above the bars for the legend.
  const double rows = static_cast<double>(series.size() + marks.size());
  const double top = most * (1.08 + 0.07 * rows);
  auto panel = canvas.AddPanel(area,
                               options.title,
                               {options.quantity, range.low, range.high, options.logarithmic, {}},
                               {"Share of the boxes (%)", 0, top, false, {}});
  std::vector<PlotLegendEntry> legend;
  for (std::size_t s = 0; s < series.size(); ++s) {
    for (int bin = 0; bin < options.bins; ++bin) {
      panel.Bar(EdgeOf(range, options, bin),
                EdgeOf(range, options, bin + 1),
                shares[s][static_cast<std::size_t>(bin)],
                series[s].colour);
    }
    legend.push_back({series[s].name + " (n = " + std::to_string(series[s].values.size()) + ")",
                      series[s].colour,
                      PlotMark::kBar});
  }
  for (const auto& mark : marks) {
    for (const double at : mark.at) {
      panel.Line({{at, 0}, {at, most * 1.03}}, mark.colour, 2, mark.dashed);
    }
    legend.push_back({mark.name, mark.colour, mark.dashed ? PlotMark::kDashes : PlotMark::kLine});
  }
  panel.Legend(PlotCorner::kTopRight, legend);
}

void PlotShapes(const std::vector<BoxShape>& shapes,
                const std::string& what,
                const std::filesystem::path& png) {
  PlotCanvas canvas(kWidth, kHeight, "Size and shape of the lymph nodes' boxes, " + what);
  const PlotArea room = canvas.Room();
  const double middle = (room.left + room.right) / 2;
  AddHistogram(canvas,
               {room.left, room.top, middle, room.bottom},
               ByClass(shapes, [](const BoxShape& shape) { return shape.image_percent; }),
               {},
               {"Size", "Area of the box (% of the image)", false, 30});
  AddHistogram(canvas,
               {middle, room.top, room.right, room.bottom},
               ByClass(shapes, [](const BoxShape& shape) { return shape.Aspect(); }),
               {},
               {"Shape", "Width / height", true, 30});
  canvas.Save(png);
}

void PlotAnchors(const std::vector<BoxSize>& boxes,
                 const AnchorSet& designed,
                 const AnchorSet& given,
                 const std::filesystem::path& png) {
  HistogramSeries sizes{"boxes", {}, kPlotSky}, ratios = sizes;
  for (const BoxSize& box : boxes) {
    sizes.values.push_back(std::sqrt(box.width * box.height));
    ratios.values.push_back(box.height / box.width);
  }
  PlotCanvas canvas(kWidth, kHeight, "Anchors designed from the training set");
  const PlotArea room = canvas.Room();
  const double middle = (room.left + room.right) / 2;
  AddHistogram(canvas,
               {room.left, room.top, middle, room.bottom},
               {sizes},
               {{"designed", designed.sizes, kPlotOrange, false},
                {"given before", given.sizes, kPlotGrey, true}},
               {"Size", "Square root of the area (pixels of the network's input)", true, 30});
  AddHistogram(canvas,
               {middle, room.top, room.right, room.bottom},
               {ratios},
               {{"designed", designed.ratios, kPlotOrange, false},
                {"given before", given.ratios, kPlotGrey, true}},
               {"Shape", "Height / width", true, 30});
  canvas.Save(png);
}

}  // namespace necknode::training
