#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace necknode::sr_writer {

/// Text as it may stand between tags and within a quoted attribute of HTML and of XML.
[[nodiscard]] std::string Escaped(std::string_view text);

/// RFC 4648, section 4, with padding.
[[nodiscard]] std::string Base64(std::span<const std::byte> bytes);

/// The source expression by which a Content Security Policy allows this inline style and no other:
/// 'sha256-...'.
[[nodiscard]] std::string PolicyHash(std::string_view inline_text);

}  // namespace necknode::sr_writer
