#pragma once

#include <array>
#include <string>
#include <vector>

namespace necknode::sr_writer {

/// Draws on an RGB picture, rows x columns x 3 bytes, that it borrows: it must outlive the canvas.
/// Pixel (x, y) is column x, row y; what lies outside is cut off.
class Canvas {
 public:
  using Colour = std::array<unsigned char, 3>;
  struct Size {
    int width = 0, height = 0;  ///< height with descenders
  };

  /// `text_columns`: the width of picture that the text is sized for, `columns` where it is 0.
  Canvas(int rows, int columns, std::vector<unsigned char>& rgb, int text_columns = 0);

  /// One pixel wide, through the corner pixels (x0, y0) and (x1, y1).
  void Rectangle(int x0, int y0, int x1, int y1, const Colour& colour);
  /// One pixel wide, both ends included.
  void Line(int x0, int y0, int x1, int y1, const Colour& colour);
  /// With its top left corner at (x, y), on a dark outline so that it is legible on any tissue.
  void Text(int x, int y, const std::string& text, const Colour& colour);
  /// Of a text of one line, outline included.
  [[nodiscard]] Size SizeOf(const std::string& text) const;

 private:
  int rows_, columns_;
  std::vector<unsigned char>& rgb_;
  double font_scale_;
};

}  // namespace necknode::sr_writer
