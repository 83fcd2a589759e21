#include "scp/bytes.h"

#include "core/error.h"

namespace necknode::scp {

std::span<const std::byte> ByteReader::Take(std::size_t count) {
  if (count > bytes_.size()) {
    throw Error(ErrorCode::kParse,
                "a length of " + std::to_string(count) + " bytes leads past the " +
                    std::to_string(bytes_.size()) + " bytes that are there");
  }
  const auto taken = bytes_.first(count);
  bytes_ = bytes_.subspan(count);
  return taken;
}

std::string_view ByteReader::TakeText(std::size_t count) {
  const auto taken = Take(count);
  return {reinterpret_cast<const char*>(taken.data()), taken.size()};
}

std::uint8_t ByteReader::U8() { return std::to_integer<std::uint8_t>(Take(1)[0]); }

std::uint16_t ByteReader::U16BigEndian() {
  const auto b = Take(2);
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(b[0]) << 8 |
                                    std::to_integer<unsigned>(b[1]));
}

std::uint32_t ByteReader::U32BigEndian() {
  const std::uint32_t high = U16BigEndian();
  return high << 16 | U16BigEndian();
}

std::uint16_t ByteReader::U16LittleEndian() {
  const auto b = Take(2);
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(b[1]) << 8 |
                                    std::to_integer<unsigned>(b[0]));
}

std::uint32_t ByteReader::U32LittleEndian() {
  const std::uint32_t low = U16LittleEndian();
  return low | static_cast<std::uint32_t>(U16LittleEndian()) << 16;
}

void ByteWriter::U8(unsigned value) { bytes_.push_back(static_cast<std::byte>(value & 0xFFU)); }

void ByteWriter::U16BigEndian(std::size_t value) {
  bytes_.push_back(static_cast<std::byte>(value >> 8 & 0xFFU));
  bytes_.push_back(static_cast<std::byte>(value & 0xFFU));
}

void ByteWriter::U32BigEndian(std::size_t value) {
  U16BigEndian(value >> 16);
  U16BigEndian(value & 0xFFFFU);
}

void ByteWriter::U16LittleEndian(std::size_t value) {
  bytes_.push_back(static_cast<std::byte>(value & 0xFFU));
  bytes_.push_back(static_cast<std::byte>(value >> 8 & 0xFFU));
}

void ByteWriter::U32LittleEndian(std::size_t value) {
  U16LittleEndian(value & 0xFFFFU);
  U16LittleEndian(value >> 16);
}

void ByteWriter::Zeros(std::size_t count) { bytes_.resize(bytes_.size() + count); }

void ByteWriter::Text(std::string_view text) {
  Bytes(std::as_bytes(std::span(text.data(), text.size())));
}

void ByteWriter::Bytes(std::span<const std::byte> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void ByteWriter::PatchU16BigEndian(std::size_t offset, std::size_t value) {
  bytes_.at(offset) = static_cast<std::byte>(value >> 8 & 0xFFU);
  bytes_.at(offset + 1) = static_cast<std::byte>(value & 0xFFU);
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kPadding("\0 ", 2);
  const auto first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

}  // namespace necknode::scp
