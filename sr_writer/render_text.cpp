#include <algorithm>
#include <array>

#include "sr_writer/padded.h"
#include "sr_writer/render_report.h"
#include "sr_writer/report_view.h"

namespace necknode::sr_writer {
namespace {

constexpr std::size_t kWidth = 100;  // characters a line

// Words in lines of at most kWidth; the first line follows what is already there, the others begin
// at `indent`.
std::string Wrapped(std::string_view text, std::size_t indent) {
  std::string wrapped;
  std::size_t column = indent;
  bool line_start = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    const bool breaks = end < text.size() && text[end] == '\n';
    text.remove_prefix(std::min(text.size(), end + 1));
    if (!word.empty()) {
      if (!line_start && column + 1 + Length(word) > kWidth) {
        wrapped += "\n" + std::string(indent, ' ');
        column = indent;
        line_start = true;
      }
      wrapped += (line_start ? "" : " ") + std::string(word);
      column += Length(word) + (line_start ? 0 : 1);
      line_start = false;
    }
    if (breaks) {
      wrapped += "\n" + std::string(indent, ' ');
      column = indent;
      line_start = true;
    }
  }
  return wrapped;
}

void AddHeading(std::string& text, std::string_view heading) {
  (text += "\n").append(heading) += "\n";
}

void AddFacts(std::string& text, std::string_view heading, const std::vector<Fact>& facts) {
  constexpr std::size_t kMaxName = 26;
  if (facts.empty())
    return;
  AddHeading(text, heading);
  std::size_t width = 0;
  for (const Fact& fact : facts)
    width = std::max(width, std::min(kMaxName, Length(fact.name)));
  for (const Fact& fact : facts)
    text += "  " + Padded(fact.name, width) + "  " + Wrapped(fact.value, width + 4) + "\n";
}

using Row = std::array<std::string, 7>;

Row RowOf(const ViewedNode& node) {
  return {node.name,
          node.judgement,
          node.probability.empty() ? "" : "P " + node.probability,
          node.site,
          node.axes.empty() ? "axes not measured" : node.axes,
          node.attenuation,
          node.key_image.empty() ? "" : "key image " + node.key_image};
}

void AddNodes(std::string& text, const ReportView& view) {
  AddHeading(text, "LYMPH NODES");
  if (view.nodes.empty()) {
    text += "  " + Wrapped(view.no_nodes, 2) + "\n";
    return;
  }
  std::array<std::size_t, 7> widths{};
  for (const ViewedNode& node : view.nodes) {
    const Row row = RowOf(node);
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], Length(row[i]));
  }
  for (const ViewedNode& node : view.nodes) {
    const Row row = RowOf(node);
    std::string line = "  ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths[i] > 0)
        line += Padded(row[i], widths[i]) + "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
    const std::string indent(4, ' ');
    if (!node.comment.empty())
      text += indent + Wrapped(node.comment, 4) + "\n";
    for (const Fact& other : node.others)
      text += indent + Wrapped(other.name + ": " + other.value, 4) + "\n";
    if (!node.key_sop_instance_uid.empty())
      text += indent + "on " + node.key_sop_instance_uid +
              (node.key_frame.empty() ? "" : " frame " + node.key_frame) + "\n";
  }
  if (view.nodes_left_out > 0)
    text += "  and " + std::to_string(view.nodes_left_out) + " more\n";
}

}  // namespace

std::string RenderText(std::span<const std::byte> report) {
  const ReportView view = ViewReport(report);
  std::string text;
  if (!view.warning.empty())
    text += "*** " + view.warning + " ***\n";
  text += view.verification + "\n\n" + view.title + "\n";
  if (!view.outcome_text.empty())
    text += view.outcome_text + "\n";
  AddFacts(text, "PATIENT", view.patient);
  AddFacts(text, "STUDY", view.study);
  if (!view.conclusion.empty())
    AddHeading(text, "CONCLUSION");
  for (const std::string& paragraph : view.conclusion)
    text += "  " + Wrapped(paragraph, 2) + "\n";
  AddNodes(text, view);
  AddFacts(text, "COMPLETENESS AND LIMITS", view.completeness);
  AddFacts(text, "MODEL AND THRESHOLDS", view.model);
  AddFacts(text, "EVIDENCE", view.evidence);
  AddFacts(text, "REPLACES", view.predecessors);
  text += "\n" + (view.warning.empty() ? "" : view.warning + ". ") + view.verification + ".\n";
  return text;
}

}  // namespace necknode::sr_writer
