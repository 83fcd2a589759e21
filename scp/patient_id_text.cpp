#include "scp/patient_id_text.h"

#include <algorithm>
#include <string_view>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcspchrs.h>

#include "scp/xml_writer.h"

namespace necknode::scp {
namespace {

std::string_view WithoutPadding(std::string_view text) {
  constexpr std::string_view kPadding(" \0", 2);
  const auto first = text.find_first_not_of(kPadding);
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

// PS3.5 6.1: no control character but ESC, which is gone after the conversion.
bool IsPrintable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7F';
  });
}

}  // namespace

std::optional<std::string> PatientIdText(const PatientText& patient_id,
                                         const std::string& specific_character_set) {
  const std::string_view bytes = WithoutPadding(patient_id.Reveal());
  // Without ESC ASCII is the same in every character set.
  const bool ascii = std::all_of(
      bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii && IsPrintable(bytes)) {
    return std::string(bytes);
  }
  DcmSpecificCharacterSet converter;
  const OFString set(specific_character_set.data(), specific_character_set.size());
  OFString converted;
  if (converter.selectCharacterSet(set, "ISO_IR 192").bad() ||
      converter.convertString(bytes.data(), bytes.size(), converted, "\\").bad()) {
    return std::nullopt;
  }
  std::string text(converted.data(), converted.size());
  return IsXmlText(text) && IsPrintable(text) ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace necknode::scp
