#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace necknode::dicom_io {

/// Decodes one grey JPEG 2000 or High-Throughput JPEG 2000 codestream (ISO 15444-1 and -15; a JP2
/// file is taken too) into `words` [rows][columns]: the stored values' low 16 bits, two's
/// complement where `is_signed`. Where the codestream's sign disagrees with `is_signed` (Pixel
/// Representation), its bits are read as Pixel Representation says. Throws Error(kParse) where it
/// is damaged, cut short or of another size, Error(kUnsupported) where it is not grey.
void DecodeJpeg2000(std::span<const std::byte> stream,
                    int rows,
                    int columns,
                    bool is_signed,
                    std::span<std::uint16_t> words);

}  // namespace necknode::dicom_io
