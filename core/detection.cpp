#include "core/detection.h"

#include <algorithm>

namespace necknode {

double IntersectionArea(const Box& a, const Box& b) {
  const double width = std::min(a.x1, b.x1) - std::max(a.x0, b.x0);
  const double height = std::min(a.y1, b.y1) - std::max(a.y0, b.y0);
  return width > 0 && height > 0 ? width * height : 0;
}

double IntersectionOverUnion(const Box& a, const Box& b) {
  const double common = IntersectionArea(a, b);
  return common > 0 ? common / (a.Area() + b.Area() - common) : 0;
}

}  // namespace necknode
