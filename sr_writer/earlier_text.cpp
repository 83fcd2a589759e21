#include "sr_writer/earlier_text.h"

#include <algorithm>

#include "sr_writer/number_text.h"

namespace necknode::sr_writer {
namespace {

// "2024-05-03" of a DA; what is none as it is.
std::string Date(const std::string& date) {
  constexpr std::size_t kDigits = 8;
  const bool is_date =
      date.size() == kDigits && date.find_first_not_of("0123456789") == std::string::npos;
  return is_date ? date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6) : date;
}

std::string Signed(double value) {
  const std::string text = Fixed(value, 1);
  if (text == "-0.0")
    return "+0.0 mm";
  return (value < 0 ? "" : "+") + text + " mm";
}

std::string NameOf(const Comparison& comparison) {
  return comparison.study_date.empty() ? "an earlier study"
                                       : "the study of " + Date(comparison.study_date);
}

}  // namespace

std::string EarlierText(const LymphNode& node) {
  if (!node.earlier)
    return {};
  const EarlierFinding& earlier = *node.earlier;
  if (earlier.state == EarlierState::kUnsure)
    return "earlier size not compared: " + earlier.reason;
  const std::string date = earlier.study_date.empty() ? "" : " " + Date(earlier.study_date);
  if (earlier.state == EarlierState::kNotSeen)
    return "not seen in the earlier study" + (date.empty() ? "" : " of" + date);
  std::string text = "earlier" + date + ": ";
  if (!earlier.identifier.empty())
    text += earlier.identifier + ", ";
  if (!earlier.short_axis_mm)
    return text + "short axis not measured";
  text += "short axis " + Fixed(*earlier.short_axis_mm, 1) + " mm";
  if (const auto change = node.ShortAxisChange())
    text += ", " + Signed(*change);
  return text;
}

std::string ComparisonText(const Assessment& assessment) {
  if (!assessment.comparison)
    return {};
  const Comparison& comparison = *assessment.comparison;
  if (!comparison.reason.empty())
    return "Not compared with " + NameOf(comparison) + ": " + comparison.reason;
  std::string text = "Compared with " + NameOf(comparison);
  if (comparison.earlier_nodes)
    text += ", where " + Count(static_cast<std::size_t>(*comparison.earlier_nodes), "lymph node") +
            (*comparison.earlier_nodes == 1 ? " was found" : " were found");
  if (comparison.quality)
    text += " (alignment " + Fixed(*comparison.quality, 2) + ")";
  std::string separator = ": ";
  for (const EarlierState state :
       {EarlierState::kMatched, EarlierState::kUnsure, EarlierState::kNotSeen}) {
    const auto count = std::ranges::count_if(assessment.nodes, [&](const LymphNode& node) {
      return node.earlier && node.earlier->state == state;
    });
    if (count == 0)
      continue;
    text += separator + std::to_string(count) + " " + std::string(ToString(state)) +
            (state == EarlierState::kNotSeen ? " there" : "");
    separator = ", ";
  }
  return text;
}

}  // namespace necknode::sr_writer
