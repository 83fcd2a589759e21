#include "app/utf8_text.h"

#include <algorithm>
#include <exception>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include "sr_writer/character_set.h"

namespace necknode::app {
namespace {

constexpr std::size_t kMostCharacters = 1024;

std::string Decoded(const std::string& text, const std::string& charset) {
  DcmDataset dataset;
  dataset.putAndInsertOFStringArray(DCM_SpecificCharacterSet, OFString(charset.c_str()));
  // A name's rules, by which a code extension ends at each caret, hold for the other texts too.
  dataset.putAndInsertString(
      DCM_PatientName, text.data(), static_cast<Uint32>(text.size()), OFTrue);
  sr_writer::DecodeText(dataset);
  DcmElement* element = nullptr;
  if (dataset.findAndGetElement(DCM_PatientName, element).bad() || element == nullptr) {
    return text;
  }
  return sr_writer::TextOf(*element);
}

}  // namespace

std::string Utf8Text(const PatientText& text, const std::string& specific_character_set) noexcept {
  try {
    const std::string& bytes = text.Reveal();
    // Without ESC ASCII is the same in every character set.
    const bool ascii = std::all_of(bytes.begin(), bytes.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x80 && c != '\x1B';
    });
    std::string shown = sr_writer::Harmless(ascii ? bytes : Decoded(bytes, specific_character_set),
                                            kMostCharacters);
    shown.erase(0, std::min(shown.find_first_not_of(' '), shown.size()));
    return shown;
  } catch (const std::exception&) {
    return sr_writer::Harmless(text.Reveal(), kMostCharacters);
  }
}

}  // namespace necknode::app
