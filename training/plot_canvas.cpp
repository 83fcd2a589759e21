#include "training/plot_canvas.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/error.h"

namespace necknode::training {
namespace {

/// Everything is drawn so many times too large and then shrunk: even lines, even letters.
constexpr int kOversampling = 3;
constexpr int kFractionBits = 4;
constexpr double kTextSize = 13, kTitleSize = 15, kHeadingSize = 17;  // height of capitals is 0.7
constexpr double kOpacityOfBars = 0.55, kOpacityOfBands = 0.2, kOpacityOfLegend = 0.85;
constexpr PlotColour kGridColour{225, 225, 225};

enum class Anchor { kStart, kMiddle, kEnd };

cv::Scalar Bgr(const PlotColour& colour) {
  return {static_cast<double>(colour.blue),
          static_cast<double>(colour.green),
          static_cast<double>(colour.red)};
}

cv::Point Fixed(const PlotPoint& at) {
  constexpr double kUnits = kOversampling * (1 << kFractionBits);
  return {static_cast<int>(std::lround(at.x * kUnits)),
          static_cast<int>(std::lround(at.y * kUnits))};
}

double FontScale(double size) { return size * kOversampling / 30; }
int FontThickness(double size) {
  return std::max(1, static_cast<int>(std::lround(size * kOversampling / 15)));
}

cv::Size TextExtent(const std::string& text, double size) {
  int baseline = 0;
  return cv::getTextSize(
      text, cv::FONT_HERSHEY_SIMPLEX, FontScale(size), FontThickness(size), &baseline);
}

double TextWidth(const std::string& text, double size) {
  return static_cast<double>(TextExtent(text, size).width) / kOversampling;
}

/// As many decimals as the distance of the ticks needs.
std::string TickText(double value, double step) {
  std::array<char, 32> text{};
  const double magnitude = std::abs(value);
  if (magnitude >= 1e5 || (magnitude > 0 && magnitude < 1e-4)) {
    std::snprintf(text.data(), text.size(), "%g", value);
  } else {
    int decimals = 0;
    for (double rest = step; decimals < 5 && std::abs(rest - std::round(rest)) > 1e-6; rest *= 10) {
      ++decimals;
    }
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  }
  return text.data();
}

std::vector<double> TicksOf(const PlotAxis& axis, int about) {
  if (!axis.ticks.empty()) {
    return axis.ticks;
  }
  return axis.logarithmic ? LogTicks(axis.low, axis.high) : RoundTicks(axis.low, axis.high, about);
}

std::vector<std::string> TickTexts(const PlotAxis& axis, const std::vector<double>& ticks) {
  double step = 0;
  for (std::size_t i = 1; i < ticks.size() && !axis.logarithmic; ++i) {
    const double gap = ticks[i] - ticks[i - 1];
    step = step == 0 ? gap : std::min(step, gap);
  }
  std::vector<std::string> texts;
  for (const double tick : ticks) {
    texts.push_back(TickText(tick, axis.logarithmic || step == 0 ? tick : step));
  }
  return texts;
}

/// Where `value` lies between the axis' ends, 0 to 1.
double ShareOf(const PlotAxis& axis, double value) {
  return axis.logarithmic ? std::log(value / axis.low) / std::log(axis.high / axis.low)
                          : (value - axis.low) / (axis.high - axis.low);
}

}  // namespace

struct PlotCanvas::Picture {
  cv::Mat pixels;  // 8UC3, kOversampling times the picture
  double title_bottom = 0;

  void Polyline(const std::vector<PlotPoint>& points,
                const PlotColour& colour,
                double width,
                const std::optional<PlotArea>& clip = std::nullopt) {
    cv::Rect all(0, 0, pixels.cols, pixels.rows);
    cv::Rect within = all;
    if (clip) {
      within = cv::Rect(Whole(clip->left),
                        Whole(clip->top),
                        Whole(clip->right - clip->left),
                        Whole(clip->bottom - clip->top)) &
               all;
    }
    cv::Mat part = pixels(within);
    std::vector<cv::Point> fixed;
    for (const PlotPoint& point : points) {
      fixed.push_back(Fixed(point) - within.tl() * (1 << kFractionBits));
    }
    cv::polylines(
        part, fixed, false, Bgr(colour), std::max(1, Whole(width)), cv::LINE_AA, kFractionBits);
  }

  void Fill(const std::vector<PlotPoint>& corners, const PlotColour& colour, double opacity) {
    std::vector<cv::Point> fixed;
    for (const PlotPoint& corner : corners) {
      fixed.push_back(Fixed(corner));
    }
    cv::Mat coloured = pixels.clone();
    cv::fillPoly(coloured, std::vector{fixed}, Bgr(colour), cv::LINE_AA, kFractionBits);
    cv::addWeighted(coloured, opacity, pixels, 1 - opacity, 0, pixels);
  }

  void Disc(const PlotPoint& at, const PlotColour& colour, double radius) {
    const int fixed = static_cast<int>(std::lround(radius * kOversampling * (1 << kFractionBits)));
    cv::circle(pixels, Fixed(at), fixed, Bgr(colour), cv::FILLED, cv::LINE_AA, kFractionBits);
  }

  /// `at` is on the baseline.
  void Write(const PlotPoint& at,
             const std::string& text,
             double size,
             Anchor anchor,
             const PlotColour& colour = kPlotBlack) {
    const double width = TextWidth(text, size);
    const double shift = anchor == Anchor::kStart ? 0 : anchor == Anchor::kEnd ? width : width / 2;
    cv::putText(pixels,
                text,
                {Whole(at.x - shift), Whole(at.y)},
                cv::FONT_HERSHEY_SIMPLEX,
                FontScale(size),
                Bgr(colour),
                FontThickness(size),
                cv::LINE_AA);
  }

  /// Bottom to top, centred at `at`.
  void WriteUpwards(const PlotPoint& at, const std::string& text, double size) {
    const cv::Size extent = TextExtent(text, size);
    const int margin = extent.height;
    cv::Mat flat(3 * margin, extent.width + 2 * margin, CV_8UC3, cv::Scalar::all(255));
    cv::putText(flat,
                text,
                {margin, 2 * margin},
                cv::FONT_HERSHEY_SIMPLEX,
                FontScale(size),
                Bgr(kPlotBlack),
                FontThickness(size),
                cv::LINE_AA);
    cv::Mat upright;
    cv::rotate(flat, upright, cv::ROTATE_90_COUNTERCLOCKWISE);
    const cv::Rect wanted(
        Whole(at.x) - upright.cols / 2, Whole(at.y) - upright.rows / 2, upright.cols, upright.rows);
    const cv::Rect there = wanted & cv::Rect(0, 0, pixels.cols, pixels.rows);
    cv::Mat target = pixels(there);
    cv::min(target, upright(there - wanted.tl()), target);
  }

  static int Whole(double value) { return static_cast<int>(std::lround(value * kOversampling)); }
};

PlotCanvas::PlotCanvas(int width, int height, const std::string& title)
    : picture_(std::make_unique<Picture>()) {
  picture_->pixels =
      cv::Mat(height * kOversampling, width * kOversampling, CV_8UC3, cv::Scalar::all(255));
  if (!title.empty()) {
    picture_->Write({width / 2.0, 14 + kHeadingSize}, title, kHeadingSize, Anchor::kMiddle);
    picture_->title_bottom = 14 + 1.5 * kHeadingSize;
  }
}

PlotCanvas::~PlotCanvas() = default;

PlotArea PlotCanvas::Room() const {
  return {0,
          picture_->title_bottom,
          static_cast<double>(picture_->pixels.cols) / kOversampling,
          static_cast<double>(picture_->pixels.rows) / kOversampling};
}

PlotPanel PlotCanvas::AddPanel(const PlotArea& area,
                               const std::string& title,
                               const PlotAxis& x,
                               const PlotAxis& y) {
  Picture& picture = *picture_;
  const auto x_ticks = TicksOf(x, 8);
  const auto y_ticks = TicksOf(y, 6);
  const auto x_texts = TickTexts(x, x_ticks);
  const auto y_texts = TickTexts(y, y_ticks);
  double y_text_width = 0;
  for (const auto& text : y_texts) {
    y_text_width = std::max(y_text_width, TextWidth(text, kTextSize));
  }
  PlotArea inner{area.left + 16 + 2 * kTextSize + y_text_width + 10,
                 area.top + (title.empty() ? 12 : 12 + 2 * kTitleSize),
                 area.right - 24,
                 area.bottom - (16 + 4 * kTextSize)};
  PlotPanel panel(*this, inner, x, y);
  for (std::size_t i = 0; i < x_ticks.size(); ++i) {
    const double at = panel.ToPicture({x_ticks[i], y.low}).x;
    picture.Polyline({{at, inner.top}, {at, inner.bottom}}, kGridColour, 0.7);
    picture.Polyline({{at, inner.bottom}, {at, inner.bottom + 5}}, kPlotBlack, 1);
    picture.Write({at, inner.bottom + 9 + kTextSize}, x_texts[i], kTextSize, Anchor::kMiddle);
  }
  for (std::size_t i = 0; i < y_ticks.size(); ++i) {
    const double at = panel.ToPicture({x.low, y_ticks[i]}).y;
    picture.Polyline({{inner.left, at}, {inner.right, at}}, kGridColour, 0.7);
    picture.Polyline({{inner.left - 5, at}, {inner.left, at}}, kPlotBlack, 1);
    picture.Write({inner.left - 9, at + 0.35 * kTextSize}, y_texts[i], kTextSize, Anchor::kEnd);
  }
  picture.Polyline(
      {{inner.left, inner.top}, {inner.left, inner.bottom}, {inner.right, inner.bottom}},
      kPlotBlack,
      1.2);
  const double middle = (inner.left + inner.right) / 2;
  picture.Write({middle, inner.top - 10}, title, kTitleSize, Anchor::kMiddle);
  picture.Write({middle, area.bottom - 12}, x.title, kTitleSize, Anchor::kMiddle);
  picture.WriteUpwards(
      {area.left + 10 + kTextSize, (inner.top + inner.bottom) / 2}, y.title, kTitleSize);
  return panel;
}

void PlotCanvas::Save(const std::filesystem::path& path) const {
  cv::Mat shrunk;
  cv::resize(picture_->pixels,
             shrunk,
             {picture_->pixels.cols / kOversampling, picture_->pixels.rows / kOversampling},
             0,
             0,
             cv::INTER_AREA);
  bool written = false;
  try {
    written = cv::imwrite(path.string(), shrunk);
  } catch (const cv::Exception& error) {
    throw Error(ErrorCode::kStorageFailed, "cannot write " + path.string() + ": " + error.what());
  }
  if (!written) {
    throw Error(ErrorCode::kStorageFailed, "cannot write " + path.string());
  }
}

PlotPoint PlotPanel::ToPicture(const PlotPoint& at) const {
  // Far outside is as good as outside, and fits the fixed-point coordinates.
  const auto place = [](double share, double from, double to) {
    return from + std::clamp(share, -2.0, 3.0) * (to - from);
  };
  return {place(ShareOf(x_, at.x), inner_.left, inner_.right),
          place(ShareOf(y_, at.y), inner_.bottom, inner_.top)};
}

void PlotPanel::Line(const std::vector<PlotPoint>& points,
                     const PlotColour& colour,
                     double width,
                     bool dashed) {
  constexpr double kDash = 7, kGap = 5;
  double along = 0;
  std::vector<PlotPoint> run;
  const auto flush = [&] {
    if (run.size() > 1) {
      canvas_->picture_->Polyline(run, colour, width, inner_);
    }
    run.clear();
  };
  std::optional<PlotPoint> last;
  for (const PlotPoint& point : points) {
    const PlotPoint at = ToPicture(point);
    if (!std::isfinite(at.x) || !std::isfinite(at.y)) {
      flush();
      last.reset();
      continue;
    }
    if (dashed && last) {
      const double length = std::hypot(at.x - last->x, at.y - last->y);
      const int pieces = std::max(1, static_cast<int>(std::ceil(length)));
      for (int i = 1; i <= pieces; ++i) {
        const double share = static_cast<double>(i) / pieces;
        along += length / pieces;
        if (std::fmod(along, kDash + kGap) < kDash) {
          run.push_back({last->x + share * (at.x - last->x), last->y + share * (at.y - last->y)});
        } else {
          flush();
        }
      }
    } else {
      run.push_back(at);
    }
    last = at;
  }
  flush();
}

void PlotPanel::Band(const std::vector<PlotPoint>& low,
                     const std::vector<PlotPoint>& high,
                     const PlotColour& colour) {
  std::vector<PlotPoint> corners;
  const auto add = [&](const PlotPoint& point) {
    PlotPoint at = ToPicture(point);
    if (std::isfinite(at.x) && std::isfinite(at.y)) {
      corners.push_back({std::clamp(at.x, inner_.left, inner_.right),
                         std::clamp(at.y, inner_.top, inner_.bottom)});
    }
  };
  std::for_each(low.begin(), low.end(), add);
  std::for_each(high.rbegin(), high.rend(), add);
  if (corners.size() > 2) {
    canvas_->picture_->Fill(corners, colour, kOpacityOfBands);
  }
}

void PlotPanel::Bar(double x0, double x1, double height, const PlotColour& colour) {
  const double foot = y_.logarithmic ? y_.low : std::clamp(0.0, y_.low, y_.high);
  const PlotPoint a = ToPicture({x0, foot}), b = ToPicture({x1, height});
  if (!std::isfinite(a.x) || !std::isfinite(b.x) || !std::isfinite(b.y)) {
    return;
  }
  const double left = std::clamp(a.x, inner_.left, inner_.right);
  const double right = std::clamp(b.x, inner_.left, inner_.right);
  const double top = std::clamp(b.y, inner_.top, inner_.bottom);
  if (right > left && a.y > top) {
    const std::vector<PlotPoint> corners = {{left, a.y}, {left, top}, {right, top}, {right, a.y}};
    canvas_->picture_->Fill(corners, colour, kOpacityOfBars);
    canvas_->picture_->Polyline(corners, colour, 1);
  }
}

void PlotPanel::Point(const PlotPoint& point, const PlotColour& colour, double radius) {
  const PlotPoint at = ToPicture(point);
  if (at.x >= inner_.left - 0.5 && at.x <= inner_.right + 0.5 && at.y >= inner_.top - 0.5 &&
      at.y <= inner_.bottom + 0.5) {
    canvas_->picture_->Disc(at, colour, radius);
  }
}

void PlotPanel::Interval(double x, double low, double high, const PlotColour& colour) {
  const PlotPoint a = ToPicture({x, low}), b = ToPicture({x, high});
  if (!std::isfinite(a.x) || !std::isfinite(a.y) || !std::isfinite(b.y)) {
    return;
  }
  constexpr double kCap = 4;
  auto& picture = *canvas_->picture_;
  picture.Polyline({a, b}, colour, 1.4, inner_);
  picture.Polyline({{a.x - kCap, a.y}, {a.x + kCap, a.y}}, colour, 1.4, inner_);
  picture.Polyline({{b.x - kCap, b.y}, {b.x + kCap, b.y}}, colour, 1.4, inner_);
}

void PlotPanel::Text(const PlotPoint& at, const std::string& text, const PlotColour& colour) {
  canvas_->picture_->Write(ToPicture(at), text, kTextSize, Anchor::kStart, colour);
}

void PlotPanel::Legend(PlotCorner corner, const std::vector<PlotLegendEntry>& entries) {
  constexpr double kPad = 8, kSample = 26, kRow = 1.7 * kTextSize;
  double text_width = 0;
  for (const auto& entry : entries) {
    text_width = std::max(text_width, TextWidth(entry.text, kTextSize));
  }
  const double width = 3 * kPad + kSample + text_width;
  const double height = 2 * kPad + kRow * static_cast<double>(entries.size()) - 0.4 * kTextSize;
  const bool at_right = corner == PlotCorner::kTopRight || corner == PlotCorner::kBottomRight;
  const bool at_top = corner == PlotCorner::kTopRight || corner == PlotCorner::kTopLeft;
  const double left = at_right ? inner_.right - width - 8 : inner_.left + 8;
  const double top = at_top ? inner_.top + 6 : inner_.bottom - height - 8;
  auto& picture = *canvas_->picture_;
  const std::vector<PlotPoint> box = {
      {left, top}, {left + width, top}, {left + width, top + height}, {left, top + height}};
  picture.Fill(box, {255, 255, 255}, kOpacityOfLegend);
  picture.Polyline({box[0], box[1], box[2], box[3], box[0]}, kGridColour, 1);
  double y = top + kPad + kTextSize / 2;
  for (const auto& entry : entries) {
    const double x0 = left + kPad, x1 = x0 + kSample;
    switch (entry.mark) {
      case PlotMark::kLine:
        picture.Polyline({{x0, y}, {x1, y}}, entry.colour, 2);
        break;
      case PlotMark::kDashes:
        for (const double start : {0.0, 10.0, 20.0}) {
          picture.Polyline({{x0 + start, y}, {x0 + start + 6, y}}, entry.colour, 2);
        }
        break;
      case PlotMark::kBar:
        picture.Fill(
            {{x0, y - 5}, {x1, y - 5}, {x1, y + 5}, {x0, y + 5}}, entry.colour, kOpacityOfBars);
        break;
      case PlotMark::kPoint:
        picture.Disc({(x0 + x1) / 2, y}, entry.colour, 4);
        break;
    }
    picture.Write({x1 + kPad, y + 0.35 * kTextSize}, entry.text, kTextSize, Anchor::kStart);
    y += kRow;
  }
}

}  // namespace necknode::training
