#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace necknode::dicom_io {

/// What a JPEG or JPEG-LS stream says of itself (ISO 10918-1 B.2.2, ISO 14495-1 C.2.2).
struct JpegHeader {
  int precision = 0, rows = 0, columns = 0, components = 0;
};

/// Reads the frame header of a stream that begins with SOI. nullopt where `stream` does not hold
/// it.
[[nodiscard]] std::optional<JpegHeader> ReadJpegHeader(std::span<const std::byte> stream);

}  // namespace necknode::dicom_io
