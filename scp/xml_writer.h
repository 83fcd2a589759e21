#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace necknode::scp {

/// `text` as the characters that XML 1.0 allows (section 2.2), in UTF-8: what is no UTF-8 and what
/// XML forbids becomes U+FFFD, one for each byte or character.
[[nodiscard]] std::string XmlCharacters(std::string_view text);

/// True where all of `text` is UTF-8 of characters that XML allows.
[[nodiscard]] bool IsXmlText(std::string_view text);

/// Writes one well-formed XML document, whatever the values hold. Names are the caller's and are
/// not checked. Not thread safe.
class XmlWriter {
 public:
  XmlWriter();
  XmlWriter& Open(std::string_view name);
  /// Of the element that was opened last, before its content.
  XmlWriter& Attribute(std::string_view name, std::string_view value);
  XmlWriter& Text(std::string_view text);
  XmlWriter& Close();  ///< the innermost open element
  /// Closes what is open and gives the document away.
  [[nodiscard]] std::string Take() &&;

 private:
  void EndStartTag();
  void Escape(std::string_view value);

  std::string text_;
  std::vector<std::string> open_;
  bool in_start_tag_ = false;
};

}  // namespace necknode::scp
