#pragma once

#include <optional>
#include <string>

#include "core/patient_text.h"

namespace necknode::scp {

/// A Patient ID (LO) without its padding, in UTF-8; nullopt where its bytes are no text of
/// `specific_character_set` (PS3.3 C.12.1.1.2, values joined by backslash), or hold what no text
/// may.
[[nodiscard]] std::optional<std::string> PatientIdText(const PatientText& patient_id,
                                                       const std::string& specific_character_set);

}  // namespace necknode::scp
