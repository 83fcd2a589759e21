#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace necknode::training {

struct PlotColour {
  std::uint8_t red = 0, green = 0, blue = 0;
};

/// Colours that also the colour-blind tell apart (Okabe and Ito 2008).
inline constexpr PlotColour kPlotBlue{0, 114, 178}, kPlotOrange{213, 94, 0},
    kPlotGreen{0, 158, 115}, kPlotPurple{170, 90, 140}, kPlotSky{86, 180, 233},
    kPlotGrey{120, 120, 120}, kPlotBlack{30, 30, 30};

/// Round numbers (1, 2 or 5 times a power of ten) from `low` to `high`, some `about` of them.
/// Throws Error(kInvalidArgument) unless low < high and both are finite.
[[nodiscard]] std::vector<double> RoundTicks(double low, double high, int about);
/// 1, 2, 5 times the powers of ten within `low` > 0 and `high`; without 2 and 5 over many decades.
[[nodiscard]] std::vector<double> LogTicks(double low, double high);

struct PlotAxis {
  std::string title;  ///< quantity and unit, ASCII
  double low = 0, high = 1;
  bool logarithmic = false;   ///< then low > 0
  std::vector<double> ticks;  ///< empty: RoundTicks or LogTicks
};

/// Edges in pixels of the picture.
struct PlotArea {
  double left = 0, top = 0, right = 0, bottom = 0;
};

struct PlotPoint {
  double x = 0, y = 0;  ///< in the axes' units
};

enum class PlotMark { kLine, kDashes, kBar, kPoint };
enum class PlotCorner { kTopRight, kTopLeft, kBottomRight, kBottomLeft };
struct PlotLegendEntry {
  std::string text;
  PlotColour colour;
  PlotMark mark = PlotMark::kLine;
};

class PlotCanvas;

/// One pair of axes of a picture, drawn when it is made. Everything is given in the axes' units and
/// clipped to them; values that are not finite are left out. The canvas must outlive it.
class PlotPanel {
 public:
  /// A line through `points`, broken where one is not finite.
  void Line(const std::vector<PlotPoint>& points,
            const PlotColour& colour,
            double width = 2,
            bool dashed = false);
  /// The space between two lines of equal length over the same x, faint.
  void Band(const std::vector<PlotPoint>& low,
            const std::vector<PlotPoint>& high,
            const PlotColour& colour);
  void Bar(double x0, double x1, double height, const PlotColour& colour);
  void Point(const PlotPoint& at, const PlotColour& colour, double radius = 4);
  /// An upright error bar with caps.
  void Interval(double x, double low, double high, const PlotColour& colour);
  /// Text that begins at `at`.
  void Text(const PlotPoint& at, const std::string& text, const PlotColour& colour = kPlotBlack);
  /// To be drawn last, so that nothing covers it.
  void Legend(PlotCorner corner, const std::vector<PlotLegendEntry>& entries);

 private:
  friend class PlotCanvas;
  PlotPanel(PlotCanvas& canvas, const PlotArea& inner, PlotAxis x, PlotAxis y)
      : canvas_(&canvas), inner_(inner), x_(std::move(x)), y_(std::move(y)) {}
  [[nodiscard]] PlotPoint ToPicture(const PlotPoint& at) const;
  PlotCanvas* canvas_;
  PlotArea inner_;
  PlotAxis x_, y_;
};

/// A white picture of `width` x `height` pixels with a title, to hold one or more panels. Text is
/// ASCII. Not thread safe. Built without OpenCV it draws nothing, and Save() only logs that.
class PlotCanvas {
 public:
  PlotCanvas(int width, int height, const std::string& title);
  ~PlotCanvas();
  PlotCanvas(const PlotCanvas&) = delete;
  PlotCanvas& operator=(const PlotCanvas&) = delete;

  /// Room for panels below the title.
  [[nodiscard]] PlotArea Room() const;
  /// Draws axes with ticks, grid and titles so that all of them lie in `area`. Throws
  /// Error(kInvalidArgument) on an axis without extent.
  PlotPanel AddPanel(const PlotArea& area,
                     const std::string& title,
                     const PlotAxis& x,
                     const PlotAxis& y);
  /// Writes a PNG. Throws Error(kStorageFailed).
  void Save(const std::filesystem::path& path) const;

 private:
  friend class PlotPanel;
  struct Picture;
  std::unique_ptr<Picture> picture_;
};

}  // namespace necknode::training
