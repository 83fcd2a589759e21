#include "sr_writer/character_set.h"

#include <array>
#include <cstdint>

#include <dcmtk/dcmdata/dcspchrs.h>
#include <dcmtk/ofstd/ofchrenc.h>

namespace necknode::sr_writer {
namespace {

// Brings all text of a single-byte or UTF encoding that iconv knows to UTF-8; false where some of
// it is none.
bool ConvertByName(DcmItem& item, const std::string& encoding) {
  OFCharacterEncoding converter;
  if (converter.selectEncoding(OFString(encoding.c_str()), "UTF-8").bad())
    return false;
  bool converted = true;
  ForEachText(item, [&](DcmElement& element) {
    const std::string text = TextOf(element);
    OFString utf8;
    if (converter.convertString(text.data(), text.size(), utf8).bad() ||
        element.putOFStringArray(utf8).bad())
      converted = false;
  });
  return converted;
}

// The character at `at` and its length; U+FFFD of one byte where the bytes are no UTF-8 (RFC 3629).
struct Decoded {
  std::uint32_t character = 0xFFFD;
  std::size_t bytes = 1;
};
Decoded DecodeAt(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : std::uint32_t{0};
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80)
    return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4)
    return {};
  std::uint32_t character = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80)
      return {};
    character = character << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < kSmallest.at(length) || surrogate || character > 0x10FFFF)
    return {};
  return {character, length};
}

// Control characters, and those that are not seen but move or hide what is.
bool IsUnseen(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C ||
         (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB) ||
         (c & 0xFFFEU) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF) || c >= 0xE0000;
}

bool IsUtf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded = DecodeAt(text, at);
    if (decoded.character == 0xFFFD && decoded.bytes == 1)
      return false;
    at += decoded.bytes;
  }
  return true;
}

}  // namespace

std::string TextOf(DcmElement& element) {
  OFString text;
  if (element.getOFStringArray(text, OFFalse).bad())
    return {};
  return {text.data(), text.size()};
}

bool ConvertToUtf8(DcmItem& item, const std::string& charset) {
  DcmSpecificCharacterSet converter;
  if (converter.selectCharacterSet(OFString(charset.c_str()), "ISO_IR 192").good())
    return item.convertCharacterSet(converter).good();
  return ConvertByName(item, charset);
}

void DecodeText(DcmDataset& dataset) {
  const std::string charset = Get(dataset, DCM_SpecificCharacterSet);
  DcmDataset trial(dataset);
  if (dataset.tagExists(DCM_SpecificCharacterSet, OFTrue) && trial.convertToUTF8().good()) {
    dataset = trial;
    return;
  }
  trial = dataset;
  // The defined terms' escapes are those of ISO-2022-JP-2 (RFC 1554).
  const bool japanese =
      charset.find("IR 87") != std::string::npos || charset.find("IR 159") != std::string::npos;
  if (japanese && ConvertByName(trial, "ISO-2022-JP-2")) {
    dataset = trial;
    return;
  }
  ForEachText(dataset, [](DcmElement& element) {
    const std::string text = TextOf(element);
    OFCharacterEncoding converter;
    OFString utf8;
    if (!IsUtf8(text) && converter.selectEncoding("CP1252", "UTF-8").good() &&
        converter.convertString(text.data(), text.size(), utf8).good())
      Check(element.putOFStringArray(utf8), "decode a text");
  });
}

std::string Harmless(std::string_view text, std::size_t max_characters, bool lines) {
  std::string harmless;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++characters) {
    if (characters == max_characters)
      return harmless + "...";
    const Decoded decoded = DecodeAt(text, at);
    if (decoded.character == 0xFFFD)
      harmless += "\xEF\xBF\xBD";
    else if (IsUnseen(decoded.character))
      harmless += lines && decoded.character == '\n' ? '\n' : ' ';
    else
      harmless += text.substr(at, decoded.bytes);
    at += decoded.bytes;
  }
  while (!harmless.empty() && harmless.back() == ' ')
    harmless.pop_back();
  return harmless;
}

}  // namespace necknode::sr_writer
