#pragma once

#include <string>

#include "core/patient_text.h"

namespace necknode::app {

/// Text of a peer as it is shown: UTF-8 without padding, control and invisible characters, read by
/// its Specific Character Set (all values joined by backslash). What cannot be decoded is guessed,
/// see sr_writer::DecodeText. Never throws.
[[nodiscard]] std::string Utf8Text(const PatientText& text,
                                   const std::string& specific_character_set) noexcept;

}  // namespace necknode::app
