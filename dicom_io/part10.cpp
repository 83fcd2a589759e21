#include "dicom_io/part10.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "core/error.h"
#include "dicom_io/transfer_syntax.h"
#include "dicom_io/value_text.h"

namespace necknode::dicom_io {

namespace {

constexpr std::size_t kPreambleBytes = 128;
constexpr std::uint32_t kMetaGroup = 0x0002;

std::uint32_t Little(std::span<const std::byte> bytes, std::size_t offset, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[offset + i]);
  }
  return value;
}

std::string_view TextAt(std::span<const std::byte> bytes, std::size_t offset, std::size_t count) {
  return {reinterpret_cast<const char*>(bytes.data() + offset), count};
}

// Reads meta elements (always explicit little endian) from `offset` on; returns where the first
// other group begins.
std::size_t ReadMeta(std::span<const std::byte> bytes, std::size_t offset, Part10& parts) {
  const std::size_t start = offset;
  while (bytes.size() - offset >= 8 && Little(bytes, offset, 2) == kMetaGroup) {
    const std::uint32_t element = Little(bytes, offset + 2, 2);
    const std::string_view vr = TextAt(bytes, offset + 4, 2);
    const bool long_length = vr == "OB" || vr == "UN" || vr == "OW" || vr == "UT";
    if (long_length && bytes.size() - offset < 12) {
      throw Error(ErrorCode::kParse, "the file ends inside its meta group");
    }
    const std::size_t head = long_length ? 12 : 8;
    const std::size_t length =
        long_length ? Little(bytes, offset + 8, 4) : Little(bytes, offset + 6, 2);
    if (length > kMaxMetaBytes || offset + head + length - start > kMaxMetaBytes) {
      throw Error(ErrorCode::kParse,
                  "the meta group is larger than " + std::to_string(kMaxMetaBytes) + " bytes");
    }
    if (length > bytes.size() - offset - head) {
      throw Error(ErrorCode::kParse, "the file ends inside its meta group");
    }
    const std::string_view value = Trim(TextAt(bytes, offset + head, length));
    switch (element) {
      case 0x0002:
        parts.media_storage_sop_class_uid = Uid(value);
        break;
      case 0x0003:
        parts.media_storage_sop_instance_uid = Uid(value);
        break;
      case 0x0010:
        parts.transfer_syntax_uid = Uid(value);
        break;
      default:
        break;
    }
    parts.has_meta = true;
    offset += head + length;
  }
  return offset;
}

// A bare dataset begins with a low group; in explicit encoding two capitals follow the tag.
Uid GuessTransferSyntax(std::span<const std::byte> bytes) {
  if (bytes.size() < 8 || Little(bytes, 0, 2) != 0x0008) {
    throw Error(ErrorCode::kParse,
                "not a DICOM file: neither a preamble nor a dataset's first element");
  }
  const std::string_view vr = TextAt(bytes, 4, 2);
  const bool is_explicit =
      std::all_of(vr.begin(), vr.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return Uid(is_explicit ? kExplicitLittleEndian : kImplicitLittleEndian);
}

}  // namespace

Part10 SplitPart10(std::span<const std::byte> bytes) {
  Part10 parts;
  const bool preamble =
      bytes.size() >= kPreambleBytes + 4 && TextAt(bytes, kPreambleBytes, 4) == "DICM";
  parts.dataset_offset = ReadMeta(bytes, preamble ? kPreambleBytes + 4 : 0, parts);
  if (parts.transfer_syntax_uid.empty()) {
    parts.transfer_syntax_uid = GuessTransferSyntax(bytes.subspan(parts.dataset_offset));
  }
  return parts;
}

std::string DigestOfFile(const std::filesystem::path& file) {
  constexpr std::size_t kPieceBytes = 256 * 1024;
  static_assert(kPieceBytes >= kPart10PrefixBytes);
  std::ifstream stream(file, std::ios::binary);
  std::vector<std::byte> piece(kPieceBytes);
  const auto read = [&] {
    stream.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    return std::span(piece).first(static_cast<std::size_t>(stream.gcount()));
  };
  const auto first = read();
  const Part10 parts = SplitPart10(first);
  Sha256 digest;
  digest.Update(parts.transfer_syntax_uid.value());
  digest.Update(first.subspan(parts.dataset_offset));
  while (stream)
    digest.Update(read());
  if (!stream.eof())
    throw Error(ErrorCode::kNotFound, "the object cannot be read");
  return digest.Finish();
}

}  // namespace necknode::dicom_io
