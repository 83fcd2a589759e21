#include "phantom/label_volume.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>
#include <string_view>

#include <zlib.h>

#include "core/error.h"

namespace necknode::phantom {
namespace {

constexpr int kLongestAxis = 1024;

struct Header {
  std::map<std::string, std::string, std::less<>> fields;
  std::size_t data_offset = 0;
};

[[noreturn]] void Refuse(const std::string& why) {
  throw Error(ErrorCode::kParse, "atlas label file: " + why);
}

Header ReadHeader(std::string_view text) {
  if (!text.starts_with("NRRD000")) {
    Refuse("does not begin with NRRD000");
  }
  Header header;
  std::size_t at = 0;
  while (true) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) {
      Refuse("no blank line ends the header");
    }
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty()) {
      header.data_offset = at;
      return header;
    }
    const std::size_t colon = line.find(": ");
    if (line.front() != '#' && colon != std::string_view::npos) {
      header.fields.emplace(line.substr(0, colon), line.substr(colon + 2));
    }
  }
}

void Expect(const Header& header, std::string_view field, std::string_view value) {
  const auto found = header.fields.find(field);
  const std::string got = found == header.fields.end() ? "nothing" : found->second;
  if (got != value) {
    Refuse("field " + std::string(field) + " is " + got + ", expected " + std::string(value));
  }
}

std::array<int, 3> ReadSizes(const Header& header) {
  const auto found = header.fields.find("sizes");
  if (found == header.fields.end()) {
    Refuse("field sizes is missing");
  }
  std::array<int, 3> sizes{};
  const char* at = found->second.data();
  const char* const end = at + found->second.size();
  for (int& size : sizes) {
    while (at != end && *at == ' ') {
      ++at;
    }
    const auto [next, problem] = std::from_chars(at, end, size);
    if (problem != std::errc() || size < 1 || size > kLongestAxis) {
      Refuse("sizes are '" + found->second + "', expected three of 1 to " +
             std::to_string(kLongestAxis));
    }
    at = next;
  }
  return sizes;
}

std::vector<std::uint8_t> Inflate(std::string_view packed, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  z_stream stream{};
  constexpr int kGzipWrapper = 16;
  if (inflateInit2(&stream, MAX_WBITS + kGzipWrapper) != Z_OK) {
    throw Error(ErrorCode::kInternal, "zlib could not start");
  }
  std::vector<Bytef> input(packed.begin(), packed.end());
  stream.next_in = input.data();
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = bytes.data();
  stream.avail_out = static_cast<uInt>(bytes.size());
  const int status = inflate(&stream, Z_FINISH);
  const std::size_t got = stream.total_out;
  inflateEnd(&stream);
  if (status != Z_STREAM_END || got != size) {
    Refuse("gave " + std::to_string(got) + " of " + std::to_string(size) +
           " bytes when unpacked (zlib status " + std::to_string(status) + ")");
  }
  return bytes;
}

void FindBounds(LabelVolume& volume) {
  std::size_t i = 0;
  for (int z = 0; z < volume.nz; ++z) {
    for (int y = 0; y < volume.ny; ++y) {
      for (int x = 0; x < volume.nx; ++x, ++i) {
        if (volume.labels[i] == 0) {
          continue;
        }
        LabelVolume::Bounds& bounds = volume.bounds[volume.labels[i]];
        bounds.low = {
            std::min(bounds.low[0], x), std::min(bounds.low[1], y), std::min(bounds.low[2], z)};
        bounds.high = {
            std::max(bounds.high[0], x), std::max(bounds.high[1], y), std::max(bounds.high[2], z)};
      }
    }
  }
}

}  // namespace

LabelVolume ReadLabels(std::span<const std::byte> nrrd) {
  std::string text(nrrd.size(), '\0');
  for (std::size_t i = 0; i < nrrd.size(); ++i) {
    text[i] = static_cast<char>(nrrd[i]);
  }
  const Header header = ReadHeader(text);
  Expect(header, "type", "short");
  Expect(header, "dimension", "3");
  Expect(header, "encoding", "gzip");
  Expect(header, "endian", "little");
  const auto [nx, ny, nz] = ReadSizes(header);

  LabelVolume volume{nx, ny, nz, {}, {}};
  const std::size_t count =
      static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny) * static_cast<std::size_t>(nz);
  const auto bytes = Inflate(std::string_view(text).substr(header.data_offset), 2 * count);
  volume.labels.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (bytes[2 * i + 1] != 0) {
      Refuse("voxel " + std::to_string(i) + " has a label over 255");
    }
    volume.labels[i] = bytes[2 * i];
  }
  FindBounds(volume);
  return volume;
}

}  // namespace necknode::phantom
