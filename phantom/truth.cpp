#include "phantom/truth.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace necknode::phantom {
namespace {

using nlohmann::ordered_json;

constexpr int kBenign = 1, kMetastatic = 2;

const char* Name(Side side) {
  switch (side) {
    case Side::kLeft:
      return "left";
    case Side::kRight:
      return "right";
    case Side::kMidline:
      return "midline";
    case Side::kNotDetermined:
      break;
  }
  return "not determined";
}

double Rounded(double value, double step) { return std::round(value / step) * step; }

ordered_json Info(const Phantom& phantom) {
  const auto& grid = phantom.volume.grid();
  return {{"description", "phantom, not a patient"},
          {"generator", "necknode phantom"},
          {"version", kGeneratorVersion},
          {"seed", phantom.options.seed},
          {"slices", grid.slices},
          {"slice_spacing_mm", grid.slice_spacing_mm},
          {"pixel_spacing_mm", grid.column_spacing_mm},
          {"hyoid_slice", phantom.hyoid_slice},
          {"cricoid_slice", phantom.cricoid_slice},
          {"anatomy", "SPL Head and Neck Atlas (mhalle/spl-head-neck-atlas), varied by the seed"}};
}

ordered_json Images(const Phantom& phantom,
                    const std::vector<std::string>& file_names,
                    const std::vector<std::string>& uids) {
  const auto& grid = phantom.volume.grid();
  ordered_json images = ordered_json::array();
  for (int z = 0; z < grid.slices; ++z) {
    ordered_json image = {{"id", z + 1}, {"width", grid.columns}, {"height", grid.rows}};
    const auto i = static_cast<std::size_t>(z);
    image["file_name"] = file_names.empty() ? "" : file_names[i];
    if (!uids.empty()) {
      image["sop_instance_uid"] = uids[i];
    }
    image["slice"] = z;
    image["z_mm"] = Rounded(grid.ToPatient(0, 0, z).z, 0.001);
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace

std::optional<Cut> MeasureCut(const std::vector<int>& pixels, int columns, double spacing_mm) {
  if (pixels.empty()) {
    return std::nullopt;
  }
  // Extents in 24 directions; unit vectors from a rational parameter, so that they are the same
  // everywhere.
  constexpr int kDirections = 24;
  struct Extent {
    double low = 1e9, high = -1e9;
  };
  std::array<Extent, 2 * kDirections> extents;
  Cut cut{{1e9, 1e9, -1e9, -1e9}, 0, 0, static_cast<int>(pixels.size())};
  for (const int pixel : pixels) {
    const double x = pixel % columns, y = pixel / columns;
    cut.box = {std::min(cut.box.x0, x),
               std::min(cut.box.y0, y),
               std::max(cut.box.x1, x + 1),
               std::max(cut.box.y1, y + 1)};
    for (int i = 0; i < kDirections; ++i) {
      const double t = static_cast<double>(i) / kDirections;
      const double c = (1 - t * t) / (1 + t * t), s = 2 * t / (1 + t * t);
      const std::array<double, 2> projections = {c * x + s * y, c * y - s * x};
      for (std::size_t k = 0; k < 2; ++k) {
        Extent& extent = extents[static_cast<std::size_t>(i) + k * kDirections];
        extent.low = std::min(extent.low, projections[k]);
        extent.high = std::max(extent.high, projections[k]);
      }
    }
  }
  double longest = 0, across = 0;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const Extent& other = extents[(i + kDirections) % extents.size()];
    if (extents[i].high - extents[i].low > longest) {
      longest = extents[i].high - extents[i].low;
      across = other.high - other.low;
    }
  }
  cut.long_mm = (longest + 1) * spacing_mm;
  cut.short_mm = (across + 1) * spacing_mm;
  if (cut.short_mm < kThinnestVisibleMm) {
    return std::nullopt;
  }
  return cut;
}

std::string TruthAsCoco(const Phantom& phantom,
                        const std::vector<std::string>& file_names,
                        const std::vector<std::string>& sop_instance_uids) {
  const auto slices = static_cast<std::size_t>(phantom.volume.grid().slices);
  if ((!file_names.empty() && file_names.size() != slices) ||
      (!sop_instance_uids.empty() && sop_instance_uids.size() != slices)) {
    throw Error(ErrorCode::kInvalidArgument,
                "truth of " + std::to_string(slices) + " slices given " +
                    std::to_string(file_names.size()) + " file names and " +
                    std::to_string(sop_instance_uids.size()) + " UIDs");
  }
  ordered_json coco;
  coco["info"] = Info(phantom);
  coco["images"] = Images(phantom, file_names, sop_instance_uids);
  coco["categories"] = {
      {{"id", kBenign}, {"name", "benign"}, {"supercategory", "lymph node"}},
      {{"id", kMetastatic}, {"name", "metastatic"}, {"supercategory", "lymph node"}}};
  ordered_json annotations = ordered_json::array();
  for (const TrueNode& node : phantom.nodes) {
    for (const auto& [slice, box] : node.boxes) {
      annotations.push_back({{"id", annotations.size() + 1},
                             {"image_id", slice + 1},
                             {"category_id", node.malignant ? kMetastatic : kBenign},
                             {"bbox", {box.x0, box.y0, box.Width(), box.Height()}},
                             {"area", box.Area()},
                             {"iscrowd", 0},
                             {"node_id", node.id},
                             {"short_axis_mm", Rounded(node.short_axis_mm, 0.01)},
                             {"long_axis_mm", Rounded(node.long_axis_mm, 0.01)},
                             {"side", Name(node.side)},
                             {"level", node.level},
                             {"centre_mm",
                              {Rounded(node.centre.x, 0.01),
                               Rounded(node.centre.y, 0.01),
                               Rounded(node.centre.z, 0.01)}}});
    }
  }
  coco["annotations"] = std::move(annotations);
  return coco.dump(1);
}

}  // namespace necknode::phantom
