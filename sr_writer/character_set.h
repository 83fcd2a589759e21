#pragma once

#include <string>
#include <string_view>

#include "sr_writer/dicom_bytes.h"

namespace necknode::sr_writer {

/// Calls `change` with every element of the item and its nested items that depends on the
/// character set.
template <typename Change>
void ForEachText(DcmItem& item, const Change& change) {
  DcmStack stack;
  while (item.nextObject(stack, OFTrue).good()) {
    auto* element = dynamic_cast<DcmElement*>(stack.top());
    if (element != nullptr && element->isLeaf() && element->isAffectedBySpecificCharacterSet())
      change(*element);
  }
}

/// All values of an element, joined by backslash.
[[nodiscard]] std::string TextOf(DcmElement& element);

/// Brings all text of the item, nested items included, to UTF-8, read as `charset`: a DICOM defined
/// term or a name that iconv knows. False where some of it is no such text; the item may then be
/// changed in part.
[[nodiscard]] bool ConvertToUtf8(DcmItem& item, const std::string& charset);

/// Brings a received dataset to UTF-8 by its Specific Character Set, that of nested items included;
/// Japanese of ISO 2022 IR 87 and 159 also where DCMTK's iconv lacks these terms. What cannot be
/// decoded so is read as UTF-8 where it is UTF-8, else as Windows-1252.
void DecodeText(DcmDataset& dataset);

/// Received text made harmless for terminals and pages: valid UTF-8 (what is none becomes U+FFFD),
/// control and invisible formatting characters (with those that turn the direction of writing) as a
/// blank, at most `max_characters`, "..." where more is cut. Line ends stay where `lines`.
[[nodiscard]] std::string Harmless(std::string_view text,
                                   std::size_t max_characters,
                                   bool lines = false);

}  // namespace necknode::sr_writer
