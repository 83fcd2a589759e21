#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace necknode::sr_writer {

/// 8-bit grey, rows x columns.
struct GreyPicture {
  int rows = 0, columns = 0;
  std::vector<unsigned char> grey;
};

/// A slice in the soft tissue window with nothing drawn in, made smaller where its longer side has
/// more than `longest` pixels: each pixel is the mean of those that it covers. The sides keep their
/// ratio. Throws Error(kInvalidArgument) where `hu` has not rows x columns values or a number is
/// not positive.
[[nodiscard]] GreyPicture DrawSlice(std::span<const std::int16_t> hu,
                                    int rows,
                                    int columns,
                                    int longest);

}  // namespace necknode::sr_writer
