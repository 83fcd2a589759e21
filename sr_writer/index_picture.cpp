#include "sr_writer/index_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "sr_writer/canvas.h"
#include "sr_writer/coronal_projection.h"
#include "sr_writer/index_layout.h"
#include "sr_writer/picture_text.h"
#include "sr_writer/report_text.h"

namespace necknode::sr_writer {
namespace {

constexpr int kMinColumns = 512;
constexpr int kTextColumns = 576;  // the text's size does not follow the picture's
constexpr int kEdge = 4;           // free at the picture's border
constexpr int kMargin = 22;        // between the projection and the labels: letters stand there
constexpr Canvas::Colour kFurniture{176, 196, 222};

bool IsAxial(const VolumeGrid& grid) {
  constexpr double kCosine = 0.8;
  return std::abs(grid.first.Normal().z) >= kCosine;
}

int WidestLabel(const std::vector<Mark>& marks, const Canvas& canvas) {
  int width = 0;
  for (const Mark& mark : marks)
    width = std::max(width, canvas.SizeOf(mark.label).width);
  return width;
}

// Air black, the densest parts white; the root spreads soft tissue and airway.
std::vector<unsigned char> Greys(const std::vector<float>& paths) {
  std::vector<float> sorted;
  for (const float path : paths) {
    if (path > 10)
      sorted.push_back(path);
  }
  std::vector<unsigned char> greys(paths.size());
  if (sorted.empty())
    return greys;
  const auto quantile = [&](double part) {
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(part * double(sorted.size() - 1));
    std::nth_element(sorted.begin(), at, sorted.end());
    return *at;
  };
  const float white = quantile(0.995);
  const float black = std::min(quantile(0.02), white / 2);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const float part = std::clamp((paths[i] - black) / (white - black), 0.0F, 1.0F);
    greys[i] = static_cast<unsigned char>(std::lround(235 * part));
  }
  return greys;
}

/// The whole picture: notices on top, below them labels of the patient's right, projection, labels
/// of the left; the scale bar at the bottom.
class IndexPicture {
 public:
  IndexPicture(const Assessment& assessment, const Volume& volume)
      : assessment_(assessment),
        range_(AnalysedRange(assessment, volume.grid())),
        view_(ViewOf(assessment, volume, range_)),
        ruler_(1, 1, nothing_, kTextColumns),
        line_(ruler_.SizeOf("LN-1").height) {
    for (const LymphNode& node : assessment.nodes) {
      Mark mark = MarkOf(node, volume.grid(), view_);
      const bool right = mark.x0 + mark.x1 < view_.columns;
      (right ? right_ : left_).push_back(std::move(mark));
    }
    Arrange();
    DrawProjection(volume);
    DrawFurniture();
    DrawNodes();
  }

  [[nodiscard]] KeyPicture Take() { return std::move(picture_); }

 private:
  void Arrange() {
    const int right = WidestLabel(right_, ruler_);
    const int left = WidestLabel(left_, ruler_);
    const int needed = 2 * kEdge + right + left + 2 * kMargin + view_.columns;
    picture_.columns = std::max(kMinColumns, needed);
    panel_x_ = kEdge + right + kMargin + (picture_.columns - needed) / 2;
    notices_ = NoticeLines(assessment_, ruler_, picture_.columns - 2 * kEdge);
    notices_.emplace_back("Coronal projection, seen from the front");
    area_y_ = kEdge + (static_cast<int>(notices_.size()) + 2) * line_;
    const int labels = line_ * static_cast<int>(std::max(left_.size(), right_.size()));
    const int area_rows = std::max(view_.rows, labels);
    const int panel_top = (area_rows - view_.rows) / 2;
    panel_y_ = area_y_ + panel_top;
    StackLabels(right_, line_, area_rows, panel_top);
    StackLabels(left_, line_, area_rows, panel_top);
    picture_.rows = area_y_ + area_rows + 3 * line_ + kEdge;
    picture_.rgb.resize(3 * static_cast<std::size_t>(picture_.rows) *
                        static_cast<std::size_t>(picture_.columns));
  }

  void DrawProjection(const Volume& volume) {
    const std::vector<unsigned char> greys =
        Greys(ProjectCoronally(volume, range_.first, range_.second, view_));
    for (int row = 0; row < view_.rows; ++row) {
      for (int column = 0; column < view_.columns; ++column) {
        const auto from = std::ptrdiff_t{row} * view_.columns + column;
        const auto to = std::ptrdiff_t{panel_y_ + row} * picture_.columns + panel_x_ + column;
        std::fill_n(picture_.rgb.begin() + 3 * to, 3, greys[static_cast<std::size_t>(from)]);
      }
    }
  }

  void DrawFurniture() {
    Canvas canvas = OnPicture();
    int y = kEdge;
    for (const std::string& notice : notices_) {
      canvas.Text(kEdge, y, notice, kNoticeColour);
      y += line_;
    }
    const int letter = canvas.SizeOf("R").width;
    const int middle = panel_x_ + view_.columns / 2 - letter / 2;
    const int bottom = panel_y_ + view_.rows;
    canvas.Text(middle, panel_y_ - line_ - 2, "H", kFurniture);
    canvas.Text(middle, bottom + 2, "F", kFurniture);
    canvas.Text(panel_x_ - letter - 2, panel_y_ - line_ - 2, "R", kFurniture);
    canvas.Text(panel_x_ + view_.columns + 2, panel_y_ - line_ - 2, "L", kFurniture);
    DrawScale(canvas, bottom + 2 + line_ + line_ / 2);
  }

  // The longest of some round lengths that is at most half as wide as the projection.
  void DrawScale(Canvas& canvas, int y) const {
    const double width_mm = view_.columns * view_.mm_per_pixel;
    int length_mm = 1;
    for (const int round : {2, 5, 10, 20, 50, 100}) {
      if (round <= width_mm / 2)
        length_mm = round;
    }
    const int x0 = panel_x_;
    const int x1 = x0 + static_cast<int>(std::lround(length_mm / view_.mm_per_pixel));
    constexpr int kTick = 4;
    canvas.Line(x0, y, x1, y, kFurniture);
    canvas.Line(x0, y - kTick, x0, y + kTick, kFurniture);
    canvas.Line(x1, y - kTick, x1, y + kTick, kFurniture);
    canvas.Text(x1 + 6, y - line_ / 2, std::to_string(length_mm) + " mm", kFurniture);
  }

  // Lines first, then frames, then labels: nothing lies over a label. What is suspicious comes last
  // and so lies over the rest.
  void DrawNodes() {
    Canvas canvas = OnPicture();
    constexpr std::array kRising = {
        Malignancy::kBenign, Malignancy::kIndeterminate, Malignancy::kMalignant};
    const int right_edge = panel_x_ - kMargin;
    const int left_edge = panel_x_ + view_.columns + kMargin;
    for (const Malignancy malignancy : kRising) {
      for (const Mark& mark : right_)
        DrawLine(canvas, mark, malignancy, right_edge, panel_x_ + mark.x0);
      for (const Mark& mark : left_)
        DrawLine(canvas, mark, malignancy, left_edge, panel_x_ + mark.x1);
    }
    for (const Malignancy malignancy : kRising) {
      for (const auto* marks : {&right_, &left_}) {
        for (const Mark& mark : *marks)
          DrawFrame(canvas, mark, malignancy);
      }
    }
    for (const Mark& mark : right_)
      DrawLabel(canvas, mark, right_edge - canvas.SizeOf(mark.label).width);
    for (const Mark& mark : left_)
      DrawLabel(canvas, mark, left_edge + 2);
  }

  void DrawLine(Canvas& canvas, const Mark& mark, Malignancy only, int label_x, int frame_x) const {
    if (mark.node->malignancy == only)
      canvas.Line(label_x,
                  area_y_ + mark.label_y + line_ / 2,
                  frame_x,
                  panel_y_ + mark.MiddleY(),
                  ColourOf(only));
  }
  void DrawFrame(Canvas& canvas, const Mark& mark, Malignancy only) const {
    if (mark.node->malignancy == only)
      canvas.Rectangle(panel_x_ + mark.x0,
                       panel_y_ + mark.y0,
                       panel_x_ + mark.x1,
                       panel_y_ + mark.y1,
                       ColourOf(only));
  }
  void DrawLabel(Canvas& canvas, const Mark& mark, int x) const {
    canvas.Text(x, area_y_ + mark.label_y, mark.label, ColourOf(mark.node->malignancy));
  }

  Canvas OnPicture() { return {picture_.rows, picture_.columns, picture_.rgb, kTextColumns}; }

  const Assessment& assessment_;
  std::pair<int, int> range_;  ///< slices, inclusive
  CoronalView view_;
  std::vector<unsigned char> nothing_;
  Canvas ruler_;                    ///< measures text before the picture has its size
  int line_;                        ///< height of a line of text, pixels
  std::vector<Mark> right_, left_;  ///< by the patient's side
  std::vector<std::string> notices_;
  int panel_x_ = 0, panel_y_ = 0;  ///< top left corner of the projection
  int area_y_ = 0;                 ///< top of the labels
  KeyPicture picture_;
};

}  // namespace

std::optional<KeyPicture> DrawIndexPicture(const Assessment& assessment, const Volume& volume) {
  if (assessment.nodes.empty() || !IsAxial(volume.grid()))
    return std::nullopt;
  const Assessment said = Printable(assessment);
  return IndexPicture(said, volume).Take();
}

}  // namespace necknode::sr_writer
