#include "sr_writer/place_text.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "sr_writer/number_text.h"

namespace necknode::sr_writer {
namespace {

std::string PlaceOf(const LymphNode& node) {
  std::string side(ToString(node.side));
  if (node.level.empty())
    return node.side == Side::kNotDetermined ? "place not determined" : side + ", no level";
  return "level " + node.level + (node.side == Side::kNotDetermined ? "" : " " + side);
}

std::string Compartments(const std::vector<const LymphNode*>& nodes) {
  const auto has = [&](Compartment compartment) {
    return std::ranges::any_of(
        nodes, [&](const LymphNode* node) { return node->GetCompartment() == compartment; });
  };
  std::string text;
  if (has(Compartment::kCentral) && has(Compartment::kLateral))
    text = "central and lateral compartment";
  else if (has(Compartment::kCentral))
    text = "central compartment";
  else if (has(Compartment::kLateral))
    text = "lateral compartment";
  if (has(Compartment::kNotDetermined))
    text += std::string(text.empty() ? "" : "; ") + "compartment not determined for " +
            std::to_string(std::ranges::count_if(nodes, [](const LymphNode* node) {
              return node->GetCompartment() == Compartment::kNotDetermined;
            }));
  return text;
}

// ", LN-3 and LN-7 not measured": they may be the larger ones.
std::string NotMeasured(const std::vector<const LymphNode*>& nodes) {
  constexpr int kNamed = 5;
  std::string names;
  int count = 0;
  for (const LymphNode* node : nodes) {
    if (!node->short_axis && ++count <= kNamed)
      names += (names.empty() ? "" : " ") + node->Identifier();
  }
  if (count > kNamed)
    names += " and " + std::to_string(count - kNamed) + " more";
  return count == 0 ? "" : ", not measured: " + names;
}

}  // namespace

std::string SuspiciousPlaces(const Assessment& assessment) {
  std::vector<const LymphNode*> suspicious;
  for (const LymphNode& node : assessment.nodes) {
    if (node.malignancy == Malignancy::kMalignant)
      suspicious.push_back(&node);
  }
  if (suspicious.empty())
    return {};
  std::vector<std::pair<std::string, int>> counts;  // in the nodes' order
  const LymphNode* largest = nullptr;
  for (const LymphNode* node : suspicious) {
    const std::string place = PlaceOf(*node);
    const auto known = std::ranges::find(counts, place, &std::pair<std::string, int>::first);
    if (known == counts.end())
      counts.emplace_back(place, 1);
    else
      ++known->second;
    if (node->short_axis &&
        (largest == nullptr || node->short_axis->length_mm > largest->short_axis->length_mm))
      largest = node;
  }
  std::string text = "Suspicious: ";
  for (const auto& [place, count] : counts)
    text += (&place == &counts.front().first ? "" : ", ") + std::to_string(count) + " " + place;
  text += largest == nullptr ? "; no short axis measured"
                             : "; largest short axis " + Fixed(largest->short_axis->length_mm, 1) +
                                   " mm (" + largest->Identifier() + ")" + NotMeasured(suspicious);
  return text + "; " + Compartments(suspicious);
}

std::string LandmarkText(const Assessment& assessment) {
  std::string found, missing;
  for (const LevelLandmark& landmark : assessment.landmarks) {
    if (landmark.slice)
      found += (found.empty() ? "" : ", ") + landmark.name + " (" +
               SliceName(assessment, *landmark.slice) + ")";
    else
      missing += (missing.empty() ? "" : ", ") + landmark.name;
  }
  if (!missing.empty())
    missing += " not found";
  if (found.empty() && missing.empty())
    return {};
  if (found.empty())
    return "No levels: " + missing;
  return "Levels (experimental) from " + found + (missing.empty() ? "" : "; " + missing);
}

std::string TextureText(const LymphNode& node) {
  std::string text;
  if (node.IsCystic())
    text += ", about " + std::to_string(std::lround(*node.cystic_fraction * 10) * 10) + "% cystic";
  if (node.calcification_mm3.value_or(0) > 0)
    text += ", suspected calcification";
  if (node.fatty_hilum)
    text += ", fatty hilum seen";
  return text;
}

}  // namespace necknode::sr_writer
