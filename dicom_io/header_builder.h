#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/instance_header.h"

namespace necknode::dicom_io {

/// Makes an InstanceHeader of top-level values as they come. Not thread safe.
class HeaderBuilder {
 public:
  /// A wanted value longer than this is refused: the longest legal one (a name in three scripts) is
  /// far shorter.
  static constexpr std::size_t kMaxValueBytes = 4096;

  explicit HeaderBuilder(const Uid& transfer_syntax) {
    header_.transfer_syntax_uid = transfer_syntax;
  }

  /// Whether the header has a place for this tag, given as group << 16 | element.
  [[nodiscard]] static bool Wants(std::uint32_t tag);

  /// One wanted element's value as it stands in the file. A number that cannot be read leaves its
  /// field absent. Throws Error(kParse) where the tag came before: two values of one attribute
  /// cannot both be true.
  void Take(std::uint32_t tag, std::string_view value, bool big_endian);

  /// What was taken so far.
  [[nodiscard]] const InstanceHeader& header() const { return header_; }

  /// The header, once. Throws Error(kParse) where Study, Series or SOP Instance UID is missing or
  /// not a UID.
  [[nodiscard]] InstanceHeader Finish();

 private:
  InstanceHeader header_;
  std::string acquisition_date_, acquisition_time_;
  std::vector<std::uint32_t> taken_;
};

}  // namespace necknode::dicom_io
