#include "sr_writer/picture_text.h"

#include <algorithm>

#include "sr_writer/report_text.h"

namespace necknode::sr_writer {
namespace {

// Appends the words of the text in lines that fit the width.
void AddWrapped(const std::string& text,
                const Canvas& canvas,
                int width,
                std::vector<std::string>& lines) {
  std::size_t start = 0;
  std::string line;
  while (start < text.size()) {
    const std::size_t space = std::min(text.find(' ', start), text.size());
    const std::string word = text.substr(start, space - start);
    start = space + 1;
    if (!line.empty() && canvas.SizeOf(line + " " + word).width > width) {
      lines.push_back(line);
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  if (!line.empty())
    lines.push_back(line);
}

}  // namespace

Canvas::Colour ColourOf(Malignancy malignancy) {
  switch (malignancy) {
    case Malignancy::kMalignant:
      return {255, 64, 64};
    case Malignancy::kBenign:
      return {64, 224, 96};
    case Malignancy::kIndeterminate:
      break;
  }
  return {255, 208, 64};
}

std::string PictureLabel(const LymphNode& node) {
  return Label(node) + (node.level.empty() ? "" : " " + node.level);
}

std::vector<std::string> NoticeLines(const Assessment& assessment,
                                     const Canvas& canvas,
                                     int width) {
  std::vector<std::string> lines;
  for (const std::string& notice : {WarningOf(assessment.model),
                                    std::string("AI result, not verified"),
                                    BrokenLimits(assessment)})
    AddWrapped(notice, canvas, width, lines);
  return lines;
}

}  // namespace necknode::sr_writer
