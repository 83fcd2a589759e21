#include "sr_writer/png.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <zlib.h>

#include "core/error.h"

namespace necknode::sr_writer {
namespace {

constexpr std::size_t kPngSamples = 3;

void AddNumber(std::vector<unsigned char>& bytes, std::size_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    bytes.push_back(static_cast<unsigned char>(value >> shift & 0xFFU));
}

void AddChunk(std::vector<unsigned char>& file,
              std::string_view type,
              const std::vector<unsigned char>& data) {
  AddNumber(file, data.size());
  const std::size_t start = file.size();
  file.insert(file.end(), type.begin(), type.end());
  file.insert(file.end(), data.begin(), data.end());
  AddNumber(file, crc32(0, file.data() + start, static_cast<uInt>(file.size() - start)));
}

// Each row as its differences from the pixel on the left (filter type 1).
std::vector<unsigned char> Filtered(std::size_t rows,
                                    std::size_t row_bytes,
                                    std::span<const unsigned char> rgb) {
  std::vector<unsigned char> filtered;
  filtered.reserve(rows * (row_bytes + 1));
  for (std::size_t row = 0; row < rows; ++row) {
    const auto line = rgb.subspan(row * row_bytes, row_bytes);
    filtered.push_back(1);
    for (std::size_t i = 0; i < row_bytes; ++i)
      filtered.push_back(
          static_cast<unsigned char>(line[i] - (i < kPngSamples ? 0 : line[i - kPngSamples])));
  }
  return filtered;
}

std::vector<unsigned char> Compressed(const std::vector<unsigned char>& data) {
  uLongf size = compressBound(static_cast<uLong>(data.size()));
  std::vector<unsigned char> compressed(size);
  if (compress2(compressed.data(), &size, data.data(), static_cast<uLong>(data.size()), 6) != Z_OK)
    throw Error(ErrorCode::kInternal, "zlib cannot compress a picture");
  compressed.resize(size);
  return compressed;
}

}  // namespace

std::vector<std::byte> EncodePng(int rows, int columns, std::span<const unsigned char> rgb) {
  if (rows <= 0 || columns <= 0 ||
      rgb.size() !=
          kPngSamples * static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns))
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(rgb.size()) + " bytes for a picture of " + std::to_string(rows) +
                    " rows of " + std::to_string(columns));
  std::vector<unsigned char> file = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  std::vector<unsigned char> header;
  AddNumber(header, static_cast<std::size_t>(columns));
  AddNumber(header, static_cast<std::size_t>(rows));
  header.insert(header.end(), {8, 2, 0, 0, 0});  // 8 bit, RGB, deflate, filters, not interlaced
  AddChunk(file, "IHDR", header);
  const std::size_t row_bytes = kPngSamples * static_cast<std::size_t>(columns);
  AddChunk(file, "IDAT", Compressed(Filtered(static_cast<std::size_t>(rows), row_bytes, rgb)));
  AddChunk(file, "IEND", {});
  const auto bytes = std::as_bytes(std::span(file));
  return {bytes.begin(), bytes.end()};
}

}  // namespace necknode::sr_writer
