#include "dicom_io/hu_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/volume.h"

namespace necknode::dicom_io {

HuTable::HuTable(const ValueMapping& mapping) : mapping_(mapping), hu_(1U << 16) {
  const auto shift = static_cast<unsigned>(mapping.high_bit + 1 - mapping.bits_stored);
  const std::uint32_t mask = (1U << mapping.bits_stored) - 1;
  const std::uint32_t sign = mapping.is_signed ? 1U << (mapping.bits_stored - 1) : 0;
  for (std::uint32_t word = 0; word < hu_.size(); ++word) {
    const std::uint32_t bits = word >> shift & mask;
    const int stored =
        static_cast<int>(bits) - ((bits & sign) != 0 ? static_cast<int>(mask) + 1 : 0);
    if (mapping.padding_first && stored >= *mapping.padding_first &&
        stored <= *mapping.padding_last) {
      hu_[word] = Volume::kAirHu;
      continue;
    }
    const double hu = std::round(stored * mapping.slope + mapping.intercept);
    hu_[word] = static_cast<std::int16_t>(std::clamp<double>(
        hu, std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()));
  }
}

void HuTable::Convert(std::span<const std::uint16_t> words, std::span<std::int16_t> hu) const {
  std::transform(
      words.begin(), words.end(), hu.begin(), [&](std::uint16_t word) { return hu_[word]; });
}

}  // namespace necknode::dicom_io
