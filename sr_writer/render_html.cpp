#include <algorithm>

#include "sr_writer/html_style.h"
#include "sr_writer/html_text.h"
#include "sr_writer/png.h"
#include "sr_writer/read_capture.h"
#include "sr_writer/render_report.h"
#include "sr_writer/report_view.h"
#include "sr_writer/view_words.h"

namespace necknode::sr_writer {
namespace {

/// `tag` may carry attributes: "p class=\"small\"". The text is escaped.
std::string Element(std::string_view tag, std::string_view text) {
  const std::string_view name = tag.substr(0, tag.find(' '));
  return "<" + std::string(tag) + ">" + Escaped(text) + "</" + std::string(name) + ">";
}

std::string Heading(std::string_view text) { return Element("h2", text) + "\n"; }

std::string Facts(const std::vector<Fact>& facts, std::string_view tag = "dl") {
  if (facts.empty())
    return {};
  std::string html = "<" + std::string(tag) + ">\n";
  for (const Fact& fact : facts)
    html += Element("dt", fact.name) + Element("dd", fact.value) + "\n";
  return html + "</dl>\n";
}

std::string Section(std::string_view heading, const std::string& content) {
  return content.empty() ? "" : "<section>\n" + Heading(heading) + content + "</section>\n";
}

std::string_view ClassOf(ViewedNode::Tone tone) {
  switch (tone) {
    case ViewedNode::Tone::kSuspicious:
      return "suspicious";
    case ViewedNode::Tone::kIndeterminate:
      return "indeterminate";
    case ViewedNode::Tone::kNotSuspicious:
      return "benign";
    case ViewedNode::Tone::kOther:
      break;
  }
  return "other";
}

// No patient's name in the title: it stands in the browser's history.
std::string Head(const ReportView& view) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src " +
         PolicyHash(kHtmlStyle) +
         "; img-src data:; base-uri 'none'; form-action 'none'\"/>\n"
         "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
         "<meta name=\"robots\" content=\"noindex\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n" +
         Element("title", view.title) + "\n<style>" + std::string(kHtmlStyle) +
         "</style>\n</head>\n";
}

std::string Header(const ReportView& view) {
  std::string html = "<header>\n";
  if (!view.warning.empty())
    html += Element("p class=\"warning\"", view.warning) + "\n";
  html += Element("h1", view.title) + "\n" +
          Element("p class=\"verification\"", view.verification) + "\n";
  if (!view.outcome_text.empty()) {
    const bool failed = view.outcome == ReportView::Outcome::kFailed;
    html +=
        Element(failed ? "p class=\"outcome failed\"" : "p class=\"outcome\"", view.outcome_text) +
        "\n";
  }
  return html + "</header>\n";
}

std::string Conclusion(const ReportView& view) {
  std::string html;
  for (const std::string& paragraph : view.conclusion)
    html += Element("p class=\"conclusion\"", paragraph) + "\n";
  return html;
}

std::string NodeRow(const ViewedNode& node) {
  std::string html =
      "<tr class=\"" + std::string(ClassOf(node.tone)) + "\">" +
      Element("th scope=\"row\"", node.name.empty() ? "-" : node.name) +
      "<td class=\"judgement\">" + Escaped(node.judgement) + "</td>" +
      Element("td class=\"number\"", node.probability) + Element("td", node.site) +
      Element("td class=\"number\"", node.axes.empty() ? "not measured" : node.axes) +
      Element("td class=\"number\"", node.attenuation) + "<td>" + Escaped(node.key_image);
  if (!node.key_sop_instance_uid.empty())
    html += " " + Element("div class=\"small\"",
                          node.key_sop_instance_uid +
                              (node.key_frame.empty() ? "" : " frame " + node.key_frame));
  return html + "</td></tr>\n";
}

std::string MoreOf(const ViewedNode& node) {
  std::string text = node.comment;
  for (const Fact& other : node.others)
    text += (text.empty() ? "" : "; ") + other.name + ": " + other.value;
  return text.empty() ? ""
                      : "<tr><td colspan=\"7\" class=\"small\">" + Escaped(text) + "</td></tr>\n";
}

std::string Nodes(const ReportView& view) {
  if (view.nodes.empty())
    return Element("p", view.no_nodes) + "\n";
  std::string html =
      "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Node</th>"
      "<th scope=\"col\">Judgement</th><th scope=\"col\">P</th><th scope=\"col\">Side, level</th>"
      "<th scope=\"col\">Long x short axis</th><th scope=\"col\">Mean</th>"
      "<th scope=\"col\">Key image</th></tr></thead>\n<tbody>\n";
  for (const ViewedNode& node : view.nodes)
    html += NodeRow(node) + MoreOf(node);
  html += "</tbody>\n</table></div>\n";
  if (view.nodes_left_out > 0)
    html += Element("p", "and " + std::to_string(view.nodes_left_out) + " more") + "\n";
  return html;
}

/// A picture with its place in the page: the index first, then by the first node that it shows.
struct Picture {
  std::size_t rank = 0;
  std::string caption;
  ReadCapture capture;
};

bool Shows(const ReadCapture& capture, const ViewedNode& node) {
  return std::any_of(
      capture.sources.begin(), capture.sources.end(), [&](const ReadReference& source) {
        return Shown(source.sop_instance_uid) == node.key_sop_instance_uid &&
               Shown(source.frames) == node.key_frame;
      });
}

Picture PictureOf(ReadCapture capture, const ReportView& view) {
  Picture picture{view.nodes.size() + 1, "", std::move(capture)};
  if (picture.capture.is_index) {
    picture.rank = 0;
    picture.caption = "Index: " + Shown(picture.capture.derivation);
    return picture;
  }
  for (std::size_t i = 0; i < view.nodes.size(); ++i) {
    if (!Shows(picture.capture, view.nodes[i]))
      continue;
    picture.rank = std::min(picture.rank, i + 1);
    picture.caption += (picture.caption.empty() ? "Key image of " : ", ") + view.nodes[i].name;
  }
  if (picture.caption.empty())
    picture.caption = Shown(picture.capture.derivation);
  return picture;
}

std::string FigureOf(const Picture& picture) {
  const KeyPicture& image = picture.capture.picture;
  const std::string caption = picture.caption.empty() ? "Picture" : picture.caption;
  return std::string("<figure") + (picture.capture.is_index ? " class=\"index\"" : "") +
         "><img alt=\"" + Escaped(caption) + "\" width=\"" + std::to_string(image.columns) +
         "\" height=\"" + std::to_string(image.rows) + "\" src=\"data:image/png;base64," +
         Base64(EncodePng(image.rows, image.columns, image.rgb)) + "\"/>" +
         Element("figcaption class=\"small\"", caption) + "</figure>\n";
}

std::string Pictures(const std::vector<std::span<const std::byte>>& captures,
                     const ReportView& view) {
  std::vector<Picture> pictures;
  for (const std::span<const std::byte> bytes : captures) {
    std::optional<ReadCapture> capture = ReadCaptureFrom(bytes);
    if (capture && Shown(capture->study_instance_uid) == view.study_instance_uid)
      pictures.push_back(PictureOf(std::move(*capture), view));
  }
  if (pictures.empty())
    return {};
  std::stable_sort(pictures.begin(), pictures.end(), [](const Picture& a, const Picture& b) {
    return a.rank < b.rank;
  });
  const std::size_t shown = std::min(pictures.size(), kMaxPictures);
  std::string html = "<div class=\"pictures\">\n";
  for (std::size_t i = 0; i < shown; ++i)
    html += FigureOf(pictures[i]);
  html += "</div>\n";
  if (shown < pictures.size())
    html += Element("p",
                    std::to_string(pictures.size() - shown) +
                        " more are in the Secondary Capture series") +
            "\n";
  return html;
}

}  // namespace

std::string RenderHtml(std::span<const std::byte> report,
                       const std::vector<std::span<const std::byte>>& pictures) {
  const ReportView view = ViewReport(report);
  const std::string footer = (view.warning.empty() ? "" : view.warning + ". ") + view.verification;
  return Head(view) + "<body>\n" + Header(view) + "<main>\n" +
         Section(
             "Patient and study",
             "<div class=\"columns\">\n" + Facts(view.patient) + Facts(view.study) + "</div>\n") +
         Section("Conclusion", Conclusion(view)) + Section("Lymph nodes", Nodes(view)) +
         Section("Key images", Pictures(pictures, view)) +
         Section("Completeness and limits", Facts(view.completeness)) +
         Section("Model and thresholds", Facts(view.model)) +
         Section("Evidence", Facts(view.evidence, "dl class=\"wide\"")) +
         Section("Replaces", Facts(view.predecessors, "dl class=\"wide\"")) + "</main>\n" +
         Element("footer", footer) + "\n</body>\n</html>\n";
}

}  // namespace necknode::sr_writer
