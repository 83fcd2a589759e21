#include "scp/xml_writer.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace necknode::scp {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: the text does not begin with a character
};

// Unicode 15, table 3-7: no overlong form, no surrogate, nothing above U+10FFFF.
Character FirstOf(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) {
    return {lead, 1};
  }
  const std::size_t bytes = lead < 0xC2   ? 0
                            : lead < 0xE0 ? 2
                            : lead < 0xF0 ? 3
                            : lead < 0xF5 ? 4
                                          : 0;
  if (bytes == 0 || text.size() < bytes) {
    return {};
  }
  std::uint32_t code = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80) {
      return {};
    }
    code = (code << 6U) | (next & 0x3FU);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[bytes] || (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF) {
    return {};
  }
  return {code, bytes};
}

bool IsAllowed(std::uint32_t code) {
  return code == '\t' || code == '\n' || code == '\r' ||
         (code >= 0x20 && code != 0xFFFE && code != 0xFFFF);
}

}  // namespace

std::string XmlCharacters(std::string_view text) {
  std::string characters;
  while (!text.empty()) {
    const Character first = FirstOf(text);
    const std::size_t bytes = first.bytes == 0 ? 1 : first.bytes;
    characters += first.bytes != 0 && IsAllowed(first.code) ? text.substr(0, bytes) : kReplacement;
    text.remove_prefix(bytes);
  }
  return characters;
}

bool IsXmlText(std::string_view text) {
  while (!text.empty()) {
    const Character first = FirstOf(text);
    if (first.bytes == 0 || !IsAllowed(first.code)) {
      return false;
    }
    text.remove_prefix(first.bytes);
  }
  return true;
}

XmlWriter::XmlWriter() : text_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>") {}

XmlWriter& XmlWriter::Open(std::string_view name) {
  EndStartTag();
  text_.append("<").append(name);
  open_.emplace_back(name);
  in_start_tag_ = true;
  return *this;
}

XmlWriter& XmlWriter::Attribute(std::string_view name, std::string_view value) {
  text_.append(" ").append(name).append("=\"");
  Escape(value);
  text_.append("\"");
  return *this;
}

XmlWriter& XmlWriter::Text(std::string_view text) {
  EndStartTag();
  Escape(text);
  return *this;
}

XmlWriter& XmlWriter::Close() {
  if (std::exchange(in_start_tag_, false)) {
    text_.append("/>");
  } else {
    text_.append("</").append(open_.back()).append(">");
  }
  open_.pop_back();
  return *this;
}

std::string XmlWriter::Take() && {
  while (!open_.empty()) {
    Close();
  }
  return std::move(text_);
}

void XmlWriter::EndStartTag() {
  if (std::exchange(in_start_tag_, false)) {
    text_.append(">");
  }
}

void XmlWriter::Escape(std::string_view value) {
  for (const char c : XmlCharacters(value)) {
    switch (c) {
      case '&':
        text_.append("&amp;");
        break;
      case '<':
        text_.append("&lt;");
        break;
      case '>':
        text_.append("&gt;");
        break;
      case '"':
        text_.append("&quot;");
        break;
      // A reader would make spaces or line feeds of them.
      case '\t':
        text_.append("&#9;");
        break;
      case '\n':
        text_.append("&#10;");
        break;
      case '\r':
        text_.append("&#13;");
        break;
      default:
        text_.push_back(c);
    }
  }
}

}  // namespace necknode::scp
