#include "scp/identifier.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "core/error.h"
#include "scp/bytes.h"

namespace necknode::scp {
namespace {

constexpr std::size_t kUndefinedLength = 0xFFFFFFFF;

// VRs whose length has four bytes, behind two that are reserved (PS3.5 section 7.1.2).
constexpr std::array<std::string_view, 13> kLongVrs = {
    "OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"};

std::size_t ReadLength(ByteReader& reader, bool explicit_vr) {
  if (!explicit_vr) {
    return reader.U32LittleEndian();
  }
  const std::string_view vr = reader.TakeText(2);
  if (std::find(kLongVrs.begin(), kLongVrs.end(), vr) == kLongVrs.end()) {
    return reader.U16LittleEndian();
  }
  reader.Skip(2);
  return reader.U32LittleEndian();
}

}  // namespace

Identifier::Identifier(std::span<const std::byte> bytes, bool explicit_vr) {
  ByteReader reader(bytes);
  std::uint32_t before = 0;
  while (reader.left() > 0) {
    const std::uint32_t group = reader.U16LittleEndian();
    const std::uint32_t tag = group << 16U | reader.U16LittleEndian();
    if (tag <= before) {
      throw Error(ErrorCode::kParse, "an answer whose elements do not ascend");
    }
    before = tag;
    const std::size_t length = ReadLength(reader, explicit_vr);
    if (length == kUndefinedLength) {
      throw Error(ErrorCode::kParse, "an answer with a sequence without length");
    }
    values_.emplace(tag, Trimmed(reader.TakeText(length)));
  }
}

std::string Identifier::Text(std::uint32_t tag) const {
  const auto found = values_.find(tag);
  return found == values_.end() ? "" : found->second;
}

std::optional<int> Identifier::Count(std::uint32_t tag) const {
  const std::string text = Text(tag);
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && count >= 0 ? std::optional(count) : std::nullopt;
}

}  // namespace necknode::scp
