#include "pipeline/prior_nodes.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "pipeline/result_json.h"

namespace necknode::pipeline {
namespace {

using Json = nlohmann::json;

constexpr double kSamePlaceMm = 0.01;

Side SideFrom(const std::string& text) {
  for (const Side side : {Side::kLeft, Side::kRight, Side::kMidline}) {
    if (text == ToString(side))
      return side;
  }
  return Side::kNotDetermined;
}

int NumberFrom(const std::string& identifier) {
  constexpr std::string_view kPrefix = "LN-";
  int number = 0;
  const char* end = identifier.data() + identifier.size();
  if (!identifier.starts_with(kPrefix) ||
      std::from_chars(identifier.data() + kPrefix.size(), end, number).ptr != end || number < 1)
    throw Error(ErrorCode::kParse, "no identifier of a lymph node");
  return number;
}

LymphNode NodeFrom(const Json& json, int slices) {
  LymphNode node;
  node.number = NumberFrom(json.at("identifier").get<std::string>());
  node.side = SideFrom(json.at("side").get<std::string>());
  node.key_slice = json.at("key_slice").get<int>();
  for (const Json& entry : json.at("boxes")) {
    const auto edges = entry.at("box").get<std::array<double, 4>>();
    NodeBox box;
    box.slice = entry.at("slice").get<int>();
    box.box = {edges[0], edges[1], edges[2], edges[3]};
    if (box.slice < 0 || box.slice >= slices || !(box.box.Width() > 0) || !(box.box.Height() > 0))
      throw Error(ErrorCode::kParse, "a box outside the volume");
    node.boxes.push_back(box);
  }
  static_cast<void>(node.KeyBox());  // throws where there is none
  if (const Json& axis = json.at("short_axis"); !axis.is_null()) {
    node.short_axis = Diameter{axis.at("length_mm").get<double>(), {}};
    if (!(node.short_axis->length_mm > 0))
      throw Error(ErrorCode::kParse, "a short axis without length");
  }
  return node;
}

bool IsOf(const Json& series, const VolumeGrid& grid) {
  const auto position = series.at("first_position_mm").get<std::array<double, 3>>();
  const Vec3 off = grid.first.position - Vec3{position[0], position[1], position[2]};
  return series.at("rows") == grid.rows && series.at("columns") == grid.columns &&
         series.at("slices") == grid.slices && Norm(off) < kSamePlaceMm &&
         std::abs(series.at("slice_spacing_mm").get<double>() - grid.slice_spacing_mm) <
             kSamePlaceMm;
}

}  // namespace

std::optional<PriorFindings> ReadPriorNodes(const std::string& result_json,
                                            const VolumeGrid& grid) {
  try {
    const Json json = Json::parse(result_json);
    if (json.at("format") != "necknode-result" || json.at("format_version") != kResultJsonVersion ||
        json.at("outcome") != "done" || !IsOf(json.at("series"), grid))
      return std::nullopt;
    PriorFindings findings;
    findings.grid = grid;
    findings.reported = true;
    const Json& analysed = json.at("analysed_slices");
    findings.first_slice = analysed.at("first").get<int>();
    findings.last_slice = analysed.at("last").get<int>();
    for (const Json& node : json.at("nodes"))
      findings.nodes.push_back(NodeFrom(node, grid.slices));
    return findings;
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace necknode::pipeline
