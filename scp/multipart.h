#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace necknode::scp {

/// The body of a Store transaction (PS3.18 8.6.1.2, 10.5.1) with its Content-Type.
struct Multipart {
  std::string content_type;
  std::vector<std::byte> body;
};

/// One DICOM file as the only part of a multipart/related body. The boundary occurs nowhere in the
/// file; the same file gives the same body.
[[nodiscard]] Multipart MultipartOf(std::span<const std::byte> part10);

}  // namespace necknode::scp
