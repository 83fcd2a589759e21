#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace necknode::dicom_io {

/// How a stored value lies in its word, and what it means (PS3.3 C.7.6.3 and C.11.1).
struct ValueMapping {
  int bits_stored = 16, high_bit = 15;
  bool is_signed = false;
  double slope = 1, intercept = 0;
  /// First and last stored value that is padding, where the image has padding (PS3.3 C.7.5.1.1.2).
  std::optional<int> padding_first, padding_last;
  bool operator==(const ValueMapping&) const = default;
};

/// Words to Hounsfield units by table. Hounsfield values are rounded and clipped to int16; padding
/// becomes Volume::kAirHu.
class HuTable {
 public:
  explicit HuTable(const ValueMapping& mapping);
  [[nodiscard]] const ValueMapping& mapping() const { return mapping_; }
  /// Both of one size.
  void Convert(std::span<const std::uint16_t> words, std::span<std::int16_t> hu) const;

 private:
  ValueMapping mapping_;
  std::vector<std::int16_t> hu_;
};

}  // namespace necknode::dicom_io
