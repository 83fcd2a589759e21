#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace necknode::sr_writer {

/// A picture of 8-bit RGB, rows x columns x 3 bytes, as a PNG file (ISO/IEC 15948). The same
/// picture gives the same bytes. Throws Error(kInvalidArgument) where the size does not fit.
[[nodiscard]] std::vector<std::byte> EncodePng(int rows,
                                               int columns,
                                               std::span<const unsigned char> rgb);

}  // namespace necknode::sr_writer
