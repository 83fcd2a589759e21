#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "sr_writer/documents.h"

namespace necknode::sr_writer {

/// A report as plain UTF-8 text for a terminal, lines of at most some 100 characters but for UIDs
/// and values that are longer. Any SR; what ours says best. Whatever the SR holds, the text has no
/// control character but the line end. Throws Error(kParse) where the bytes are no SR.
[[nodiscard]] std::string RenderText(std::span<const std::byte> report);

/// A report as one HTML page that needs nothing else: no script, no link, no outside resource, and
/// a Content Security Policy that forbids them; all text escaped, UTF-8; well-formed XML too.
/// `pictures`: Secondary Captures of the run, shown as PNG; those of another study and those that
/// are no plain RGB images are left out, as are those beyond `kMaxPictures`. Throws Error(kParse)
/// where `report` is no SR. The same input gives the same bytes.
[[nodiscard]] std::string RenderHtml(std::span<const std::byte> report,
                                     const std::vector<std::span<const std::byte>>& pictures);
inline constexpr std::size_t kMaxPictures = 25;

/// Both renderings of a run's documents: its first SR with its Secondary Captures. Both empty where
/// the run wrote no SR.
struct RenderedReport {
  std::string text, html;
};
[[nodiscard]] RenderedReport RenderReport(const std::vector<Document>& documents);

}  // namespace necknode::sr_writer
