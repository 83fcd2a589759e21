#include "sr_writer/canvas.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

namespace necknode::sr_writer {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr int kOutline = 3;

cv::Scalar Scalar(const Canvas::Colour& colour) {
  return {double(colour[0]), double(colour[1]), double(colour[2])};
}

}  // namespace

Canvas::Canvas(int rows, int columns, std::vector<unsigned char>& rgb, int text_columns)
    : rows_(rows),
      columns_(columns),
      rgb_(rgb),
      // 0.4 is the smallest size that stays legible; a 512 image is the usual one.
      font_scale_(0.4 * std::max(1.0, (text_columns > 0 ? text_columns : columns) / 512.0)) {}

void Canvas::Rectangle(int x0, int y0, int x1, int y1, const Colour& colour) {
  cv::Mat picture(rows_, columns_, CV_8UC3, rgb_.data());
  cv::rectangle(picture, cv::Point(x0, y0), cv::Point(x1, y1), Scalar(colour), 1, cv::LINE_8);
}

void Canvas::Line(int x0, int y0, int x1, int y1, const Colour& colour) {
  cv::Mat picture(rows_, columns_, CV_8UC3, rgb_.data());
  cv::line(picture, cv::Point(x0, y0), cv::Point(x1, y1), Scalar(colour), 1, cv::LINE_AA);
}

void Canvas::Text(int x, int y, const std::string& text, const Colour& colour) {
  cv::Mat picture(rows_, columns_, CV_8UC3, rgb_.data());
  int baseline = 0;
  const cv::Size size = cv::getTextSize(text, kFont, font_scale_, 1, &baseline);
  const cv::Point origin(x + 1, y + 1 + size.height);
  cv::putText(picture, text, origin, kFont, font_scale_, cv::Scalar(0, 0, 0), kOutline, cv::LINE_8);
  cv::putText(picture, text, origin, kFont, font_scale_, Scalar(colour), 1, cv::LINE_AA);
}

Canvas::Size Canvas::SizeOf(const std::string& text) const {
  int baseline = 0;
  const cv::Size size = cv::getTextSize(text, kFont, font_scale_, 1, &baseline);
  return {size.width + kOutline, size.height + baseline + kOutline};
}

}  // namespace necknode::sr_writer
