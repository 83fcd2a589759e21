#include "sr_writer/slice_picture.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"
#include "sr_writer/soft_tissue_window.h"

namespace necknode::sr_writer {
namespace {

// Which source pixels the pixel `i` of `to` covers, of `from` in all.
struct Cover {
  int first = 0, end = 0;
};
Cover CoverOf(int i, int from, int to) {
  const double step = static_cast<double>(from) / to;
  const int first = static_cast<int>(i * step);
  return {first, std::clamp(static_cast<int>((i + 1) * step), first + 1, from)};
}

int Scaled(int side, int longer, int longest) {
  if (longer <= longest)
    return side;
  return std::max(1, static_cast<int>(std::lround(static_cast<double>(side) * longest / longer)));
}

}  // namespace

GreyPicture DrawSlice(std::span<const std::int16_t> hu, int rows, int columns, int longest) {
  if (rows <= 0 || columns <= 0 || longest <= 0 ||
      hu.size() != static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns))
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(hu.size()) + " voxels for a slice of " + std::to_string(rows) +
                    " rows of " + std::to_string(columns));
  const int longer = std::max(rows, columns);
  GreyPicture picture{Scaled(rows, longer, longest), Scaled(columns, longer, longest), {}};
  picture.grey.reserve(static_cast<std::size_t>(picture.rows) *
                       static_cast<std::size_t>(picture.columns));
  if (longer <= longest) {
    for (const std::int16_t value : hu)
      picture.grey.push_back(GreyOf(value));
    return picture;
  }
  for (int y = 0; y < picture.rows; ++y) {
    const Cover down = CoverOf(y, rows, picture.rows);
    for (int x = 0; x < picture.columns; ++x) {
      const Cover across = CoverOf(x, columns, picture.columns);
      int sum = 0;
      for (int row = down.first; row < down.end; ++row) {
        const std::size_t line = static_cast<std::size_t>(row) * static_cast<std::size_t>(columns);
        for (int column = across.first; column < across.end; ++column)
          sum += GreyOf(hu[line + static_cast<std::size_t>(column)]);
      }
      const int count = (down.end - down.first) * (across.end - across.first);
      picture.grey.push_back(static_cast<unsigned char>((sum + count / 2) / count));
    }
  }
  return picture;
}

}  // namespace necknode::sr_writer
