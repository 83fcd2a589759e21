#pragma once

namespace necknode {

/// An upright rectangle in an image, in pixel edges: (0, 0) is the top left corner of the top left
/// pixel, so a box around the whole image is {0, 0, columns, rows}. x to the right (columns), y
/// down (rows).
struct Box {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  [[nodiscard]] double Width() const { return x1 - x0; }
  [[nodiscard]] double Height() const { return y1 - y0; }
  [[nodiscard]] double Area() const { return Width() > 0 && Height() > 0 ? Width() * Height() : 0; }
  [[nodiscard]] double CentreX() const { return (x0 + x1) / 2; }
  [[nodiscard]] double CentreY() const { return (y0 + y1) / 2; }
  bool operator==(const Box&) const = default;
};

/// Area of the boxes' common part, in square pixels.
[[nodiscard]] double IntersectionArea(const Box& a, const Box& b);
/// Intersection over union, 0 where either box is empty.
[[nodiscard]] double IntersectionOverUnion(const Box& a, const Box& b);

/// One lymph node candidate on one slice, as the two networks see it.
struct Detection {
  int slice = 0;     ///< index in the volume
  Box box;           ///< in the volume's own pixels
  double score = 0;  ///< of the detector, 0 to 1
  double malignant_logit =
      0;  ///< of the classifier, uncalibrated: log odds of metastatic against benign
};

}  // namespace necknode
