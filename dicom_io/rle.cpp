#include "dicom_io/rle.h"

#include <algorithm>
#include <string>

#include "core/error.h"

namespace necknode::dicom_io {

namespace {

constexpr std::size_t kHeaderBytes = 64;

std::uint32_t HeaderField(std::span<const std::byte> frame, std::size_t index) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint32_t>(frame[4 * index + i]);
  }
  return value;
}

// Shifts each byte of one segment into its word. Bytes after the last word are padding.
void DecodeSegment(std::span<const std::byte> segment, std::span<std::uint16_t> words) {
  std::size_t in = 0, out = 0;
  const auto put = [&](std::byte value) {
    words[out] =
        static_cast<std::uint16_t>(unsigned{words[out]} << 8U | std::to_integer<unsigned>(value));
    ++out;
  };
  while (out < words.size()) {
    if (in + 2 > segment.size()) {
      throw Error(ErrorCode::kParse,
                  "an RLE segment ends after " + std::to_string(out) + " of " +
                      std::to_string(words.size()) + " pixels");
    }
    const unsigned code = std::to_integer<unsigned>(segment[in++]);
    if (code == 128) {
      continue;
    }
    const std::size_t left = words.size() - out;
    if (code > 128) {
      const std::byte value = segment[in++];
      for (std::size_t i = std::min<std::size_t>(257 - code, left); i-- > 0;) {
        put(value);
      }
      continue;
    }
    const std::size_t literal = std::min<std::size_t>(code + 1, left);
    if (literal > segment.size() - in) {
      throw Error(ErrorCode::kParse, "an RLE segment ends inside a literal run");
    }
    for (const std::byte value : segment.subspan(in, literal)) {
      put(value);
    }
    in += literal;
  }
}

}  // namespace

void DecodeRle(std::span<const std::byte> frame,
               int bytes_per_word,
               std::span<std::uint16_t> words) {
  const auto segments = static_cast<std::uint32_t>(bytes_per_word);
  if (frame.size() < kHeaderBytes || HeaderField(frame, 0) != segments) {
    throw Error(ErrorCode::kParse,
                "an RLE frame has not the " + std::to_string(segments) + " segments of its pixels");
  }
  std::fill(words.begin(), words.end(), std::uint16_t{0});
  for (std::uint32_t i = 1; i <= segments; ++i) {
    const std::size_t start = HeaderField(frame, i);
    const std::size_t end = i < segments ? HeaderField(frame, i + 1) : frame.size();
    if (start < kHeaderBytes || start > end || end > frame.size()) {
      throw Error(ErrorCode::kParse,
                  "an RLE segment's offset " + std::to_string(start) + " leads outside its frame");
    }
    DecodeSegment(frame.subspan(start, end - start), words);
  }
}

}  // namespace necknode::dicom_io
