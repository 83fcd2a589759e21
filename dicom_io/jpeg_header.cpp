#include "dicom_io/jpeg_header.h"

namespace necknode::dicom_io {

namespace {

constexpr int kStartOfImage = 0xD8, kFill = 0xFF;

bool IsStartOfFrame(int marker) {
  // SOF0 to SOF15 without DHT, JPG and DAC, which lie among them; SOF55 is that of JPEG-LS.
  return (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) ||
         marker == 0xF7;
}

}  // namespace

std::optional<JpegHeader> ReadJpegHeader(std::span<const std::byte> stream) {
  const auto at = [&](std::size_t i) { return std::to_integer<int>(stream[i]); };
  const auto pair = [&](std::size_t i) { return at(i) << 8 | at(i + 1); };
  if (stream.size() < 2 || at(0) != 0xFF || at(1) != kStartOfImage) {
    return std::nullopt;
  }
  std::size_t i = 2;
  while (i + 4 <= stream.size() && at(i) == 0xFF) {
    const int marker = at(i + 1);
    if (marker == kFill) {
      ++i;
      continue;
    }
    if (IsStartOfFrame(marker)) {
      if (i + 10 > stream.size()) {
        return std::nullopt;
      }
      return JpegHeader{.precision = at(i + 4),
                        .rows = pair(i + 5),
                        .columns = pair(i + 7),
                        .components = at(i + 9)};
    }
    i += 2 + static_cast<std::size_t>(pair(i + 2));
  }
  return std::nullopt;
}

}  // namespace necknode::dicom_io
