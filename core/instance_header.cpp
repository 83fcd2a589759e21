#include "core/instance_header.h"

#include <string_view>

namespace necknode {

bool IsImage(const InstanceHeader& header) {
  constexpr std::string_view kSecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";
  const std::string& sop_class = header.sop_class_uid.value();
  const bool secondary_capture =
      sop_class == kSecondaryCapture || sop_class.starts_with(std::string(kSecondaryCapture) + ".");
  return header.rows && header.columns && !secondary_capture;
}

}  // namespace necknode
