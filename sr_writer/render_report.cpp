#include "sr_writer/render_report.h"

namespace necknode::sr_writer {

RenderedReport RenderReport(const std::vector<Document>& documents) {
  const Document* report = nullptr;
  std::vector<std::span<const std::byte>> pictures;
  for (const Document& document : documents) {
    if (document.kind == "SR" && report == nullptr)
      report = &document;
    if (document.kind == "SC")
      pictures.emplace_back(document.part10);
  }
  if (report == nullptr)
    return {};
  return {RenderText(report->part10), RenderHtml(report->part10, pictures)};
}

}  // namespace necknode::sr_writer
