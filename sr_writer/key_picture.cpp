#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/error.h"
#include "sr_writer/canvas.h"
#include "sr_writer/documents.h"
#include "sr_writer/picture_text.h"
#include "sr_writer/report_text.h"
#include "sr_writer/soft_tissue_window.h"

namespace necknode::sr_writer {
namespace {

struct Rect {
  int x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // pixels, inclusive
  [[nodiscard]] bool Touches(const Rect& other) const {
    return x0 <= other.x1 && other.x0 <= x1 && y0 <= other.y1 && other.y0 <= y1;
  }
};

// The pixels just outside the box, so that the frame covers nothing of the node.
Rect FrameOf(const Box& box) {
  return {static_cast<int>(std::floor(box.x0)) - 1,
          static_cast<int>(std::floor(box.y0)) - 1,
          static_cast<int>(std::ceil(box.x1)),
          static_cast<int>(std::ceil(box.y1))};
}

void DrawWindow(std::span<const std::int16_t> hu, std::vector<unsigned char>& rgb) {
  for (std::size_t i = 0; i < hu.size(); ++i)
    std::fill_n(rgb.begin() + static_cast<std::ptrdiff_t>(3 * i), 3, GreyOf(hu[i]));
}

/// The picture's furniture: everything already drawn that a label must leave free.
class Layout {
 public:
  Layout(int rows, int columns) : rows_(rows), columns_(columns) {}
  void Occupy(const Rect& rect) { taken_.push_back(rect); }

  /// Above the frame, below, right or left of it, or farther below and above: the first place
  /// inside the picture that is free. Where the picture is full, the first one inside it.
  [[nodiscard]] Rect PlaceFor(const Rect& frame, const Canvas::Size& size) const {
    std::optional<Rect> inside;
    for (const auto& [left, top] : CornersFor(frame, size)) {
      const Rect place{left, top, left + size.width - 1, top + size.height - 1};
      if (left < 0 || top < 0 || place.x1 >= columns_ || place.y1 >= rows_)
        continue;
      if (std::none_of(
              taken_.begin(), taken_.end(), [&](const Rect& rect) { return rect.Touches(place); }))
        return place;
      if (!inside)
        inside = place;
    }
    return inside.value_or(Rect{0, 0, size.width - 1, size.height - 1});
  }

 private:
  // Top left corners to try, best first.
  [[nodiscard]] std::vector<std::pair<int, int>> CornersFor(const Rect& frame,
                                                            const Canvas::Size& size) const {
    constexpr int kGap = 3;
    const int x = std::clamp(frame.x0, 0, std::max(0, columns_ - size.width));
    const int y = std::clamp(frame.y0, 0, std::max(0, rows_ - size.height));
    const int above = frame.y0 + 1 - kGap - size.height;
    const int below = frame.y1 + kGap;
    std::vector<std::pair<int, int>> corners = {
        {x, above}, {x, below}, {frame.x1 + kGap, y}, {frame.x0 + 1 - kGap - size.width, y}};
    for (int distance = size.height; distance < rows_; distance += size.height) {
      corners.emplace_back(x, below + distance);
      corners.emplace_back(x, above - distance);
    }
    return corners;
  }

  int rows_, columns_;
  std::vector<Rect> taken_;
};

struct Drawn {
  const LymphNode* node;
  Rect frame;
};

std::vector<Drawn> NodesOn(const Assessment& assessment, int slice) {
  std::vector<Drawn> drawn;
  for (const LymphNode& node : assessment.nodes) {
    for (const NodeBox& box : node.boxes) {
      if (box.slice == slice)
        drawn.push_back({&node, FrameOf(box.box)});
    }
  }
  return drawn;
}

void DrawNotices(Canvas& canvas, Layout& layout, const Assessment& assessment, int columns) {
  int y = 2;
  for (const std::string& line : NoticeLines(assessment, canvas, columns - 4)) {
    const Canvas::Size size = canvas.SizeOf(line);
    canvas.Text(2, y, line, kNoticeColour);
    layout.Occupy({2, y, 2 + size.width, y + size.height});
    y += size.height;
  }
}

// The image's number at the bottom and the patient's sides at the edges, as viewers show them.
void DrawOrientation(
    Canvas& canvas, Layout& layout, const Assessment& assessment, const Volume& volume, int slice) {
  const VolumeGrid& grid = volume.grid();
  const auto put = [&](int x, int y, const std::string& text, const Canvas::Size& size) {
    canvas.Text(x, y, text, kNoticeColour);
    layout.Occupy({x, y, x + size.width, y + size.height});
  };
  const std::string number = SliceName(assessment, slice);
  const Canvas::Size size = canvas.SizeOf(number);
  put(2, grid.rows - 2 - size.height, number, size);
  constexpr double kSideways = 0.9;
  if (std::abs(grid.first.row_direction.x) < kSideways)
    return;
  const bool to_the_left = grid.first.row_direction.x > 0;
  const Canvas::Size letter = canvas.SizeOf("R");
  const int y = (grid.rows - letter.height) / 2;
  put(2, y, to_the_left ? "R" : "L", letter);
  put(grid.columns - 2 - letter.width, y, to_the_left ? "L" : "R", letter);
}

}  // namespace

KeyPicture DrawKeySlice(const Assessment& assessment, const Volume& volume, int slice) {
  const VolumeGrid& grid = volume.grid();
  if (slice < 0 || slice >= grid.slices)
    throw Error(ErrorCode::kInvalidArgument,
                "slice " + std::to_string(slice) + " of " + std::to_string(grid.slices));
  const Assessment said = Printable(assessment);
  KeyPicture picture;
  picture.rows = grid.rows;
  picture.columns = grid.columns;
  picture.rgb.resize(3 * static_cast<std::size_t>(grid.rows) *
                     static_cast<std::size_t>(grid.columns));
  DrawWindow(volume.Slice(slice), picture.rgb);

  Canvas canvas(picture.rows, picture.columns, picture.rgb);
  Layout layout(picture.rows, picture.columns);
  DrawNotices(canvas, layout, said, picture.columns);
  DrawOrientation(canvas, layout, said, volume, slice);
  const std::vector<Drawn> nodes = NodesOn(said, slice);
  for (const Drawn& drawn : nodes) {
    const Rect& frame = drawn.frame;
    canvas.Rectangle(frame.x0, frame.y0, frame.x1, frame.y1, ColourOf(drawn.node->malignancy));
    layout.Occupy(frame);
  }
  for (const Drawn& drawn : nodes) {
    const std::string label = PictureLabel(*drawn.node);
    const Rect place = layout.PlaceFor(drawn.frame, canvas.SizeOf(label));
    canvas.Text(place.x0, place.y0, label, ColourOf(drawn.node->malignancy));
    layout.Occupy(place);
  }
  return picture;
}

}  // namespace necknode::sr_writer
