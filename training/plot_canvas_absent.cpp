// In place of plot_canvas.cpp where there is no OpenCV, as on a machine that only trains.
#include "core/log.h"
#include "training/plot_canvas.h"

namespace necknode::training {

struct PlotCanvas::Picture {
  PlotArea room;
};

PlotCanvas::PlotCanvas(int width, int height, const std::string&)
    : picture_(std::make_unique<Picture>(
          Picture{{0, 0, static_cast<double>(width), static_cast<double>(height)}})) {}
PlotCanvas::~PlotCanvas() = default;
PlotArea PlotCanvas::Room() const { return picture_->room; }
PlotPanel PlotCanvas::AddPanel(const PlotArea& area,
                               const std::string&,
                               const PlotAxis& x,
                               const PlotAxis& y) {
  return {*this, area, x, y};
}
void PlotCanvas::Save(const std::filesystem::path& path) const {
  Log(LogLevel::kWarning,
      "plot_not_drawn",
      {{"file", path.filename().string()}, {"reason", "built without OpenCV"}});
}

PlotPoint PlotPanel::ToPicture(const PlotPoint& at) const { return at; }
void PlotPanel::Line(const std::vector<PlotPoint>&, const PlotColour&, double, bool) {}
void PlotPanel::Band(const std::vector<PlotPoint>&,
                     const std::vector<PlotPoint>&,
                     const PlotColour&) {}
void PlotPanel::Bar(double, double, double, const PlotColour&) {}
void PlotPanel::Point(const PlotPoint&, const PlotColour&, double) {}
void PlotPanel::Interval(double, double, double, const PlotColour&) {}
void PlotPanel::Text(const PlotPoint&, const std::string&, const PlotColour&) {}
void PlotPanel::Legend(PlotCorner, const std::vector<PlotLegendEntry>&) {}

}  // namespace necknode::training
