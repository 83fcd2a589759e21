#include "pipeline/finished_run.h"

#include <array>
#include <charconv>
#include <string_view>

#include <nlohmann/json.hpp>

#include "core/assessment.h"
#include "core/error.h"
#include "pipeline/result_json.h"

namespace necknode::pipeline {
namespace {

using Json = nlohmann::json;

Vec3 VectorFrom(const Json& json) {
  const auto values = json.get<std::array<double, 3>>();
  return {values[0], values[1], values[2]};
}

VolumeGrid GridFrom(const Json& series) {
  VolumeGrid grid;
  grid.rows = series.at("rows").get<int>();
  grid.columns = series.at("columns").get<int>();
  grid.slices = series.at("slices").get<int>();
  const auto pixel = series.at("pixel_spacing_mm").get<std::array<double, 2>>();
  grid.row_spacing_mm = pixel[0];
  grid.column_spacing_mm = pixel[1];
  grid.slice_spacing_mm = series.at("slice_spacing_mm").get<double>();
  grid.first.position = VectorFrom(series.at("first_position_mm"));
  grid.first.row_direction = VectorFrom(series.at("row_direction"));
  grid.first.column_direction = VectorFrom(series.at("column_direction"));
  return grid;
}

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
  node.tracking_uid = Uid(json.at("tracking_uid").get<std::string>());
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

}  // namespace

std::optional<FinishedRun> ReadFinishedRun(const std::string& result_json) {
  try {
    const Json json = Json::parse(result_json);
    if (json.at("format") != "necknode-result" || json.at("format_version") != kResultJsonVersion)
      return std::nullopt;
    FinishedRun run;
    run.done = json.at("outcome") == "done";
    run.grid = GridFrom(json.at("series"));
    if (const Json& analysed = json.at("analysed_slices"); !analysed.is_null()) {
      run.first_slice = analysed.at("first").get<int>();
      run.last_slice = analysed.at("last").get<int>();
    }
    for (const Json& node : json.at("nodes"))
      run.nodes.push_back(NodeFrom(node, run.grid.slices));
    return run;
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace necknode::pipeline
