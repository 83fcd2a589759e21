#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace necknode::models {

/// A file begins with the length of its header, little endian.
inline constexpr std::size_t kSafetensorsLengthBytes = 8;

enum class SafetensorsDtype { kF32, kF16, kBF16, kI64 };

/// One tensor of a file of weights, checked: shape x dtype is its range of bytes.
struct SafetensorsEntry {
  SafetensorsDtype dtype = SafetensorsDtype::kF32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;  ///< in the data, behind the header
};

struct SafetensorsHeader {
  std::uint64_t data_begin = 0;  ///< in the file
  std::map<std::string, SafetensorsEntry> entries;
  std::map<std::string, std::string> metadata;
};

/// Reads the header of a whole safetensors file. Every byte of the data belongs to exactly one
/// entry. Throws Error(kModel) as SafetensorsFile does, without the file's name.
[[nodiscard]] SafetensorsHeader ParseSafetensorsHeader(std::string_view file);

}  // namespace necknode::models
