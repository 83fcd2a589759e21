#pragma once

#include <cstddef>
#include <vector>

#include "sr_writer/slice_picture.h"

namespace necknode::sr_writer {

/// A picture as a baseline JPEG file (ISO/IEC 10918-1) of one component. The same picture gives the
/// same bytes. `quality`: 1 to 100. Throws Error(kInvalidArgument) where size or quality does not
/// fit, Error(kInternal) where the library fails.
[[nodiscard]] std::vector<std::byte> EncodeJpeg(const GreyPicture& picture, int quality);

}  // namespace necknode::sr_writer
