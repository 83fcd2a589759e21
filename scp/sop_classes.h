#pragma once

#include <string_view>

#include "core/uid.h"

namespace necknode::scp {

inline constexpr std::string_view kVerificationSopClass = "1.2.840.10008.1.1";

/// True for every storage SOP class of DCMTK's dictionary, retired and draft ones included: a PACS
/// may route any of them along with the images. Thread safe.
[[nodiscard]] bool IsStorageSopClass(const Uid& sop_class_uid);

}  // namespace necknode::scp
