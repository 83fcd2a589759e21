#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace necknode::scp {

/// Reads numbers and ranges from bytes and never past their end: every function throws
/// Error(kParse) where the bytes do not suffice. Borrows the bytes. Not thread safe.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }
  [[nodiscard]] std::span<const std::byte> Take(std::size_t count);
  [[nodiscard]] std::string_view TakeText(std::size_t count);
  void Skip(std::size_t count) { static_cast<void>(Take(count)); }
  [[nodiscard]] std::uint8_t U8();
  [[nodiscard]] std::uint16_t U16BigEndian();
  [[nodiscard]] std::uint32_t U32BigEndian();
  [[nodiscard]] std::uint16_t U16LittleEndian();
  [[nodiscard]] std::uint32_t U32LittleEndian();

 private:
  std::span<const std::byte> bytes_;
};

/// Appends numbers and text to a growing vector.
class ByteWriter {
 public:
  void U8(unsigned value);
  void U16BigEndian(std::size_t value);
  void U32BigEndian(std::size_t value);
  void U16LittleEndian(std::size_t value);
  void U32LittleEndian(std::size_t value);
  void Zeros(std::size_t count);
  void Text(std::string_view text);
  void Bytes(std::span<const std::byte> bytes);
  /// Overwrites two bytes at `offset`, which must be written already, with the big endian `value`.
  void PatchU16BigEndian(std::size_t offset, std::size_t value);
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::vector<std::byte> Take() && { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// `text` without the spaces and NULs at both ends: how AE titles and UIDs are compared
/// (PS3.5 6.2, 9.1).
[[nodiscard]] std::string_view Trimmed(std::string_view text);

}  // namespace necknode::scp
