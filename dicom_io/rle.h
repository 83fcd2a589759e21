#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace necknode::dicom_io {

/// Decodes one RLE frame (PS3.5 Annex G) of `bytes_per_word` (1 or 2) segments, the most
/// significant first, into `words`. DCMTK's decoder fills up what a short frame lacks; this one
/// throws Error(kParse).
void DecodeRle(std::span<const std::byte> frame,
               int bytes_per_word,
               std::span<std::uint16_t> words);

}  // namespace necknode::dicom_io
