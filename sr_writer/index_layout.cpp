#include "sr_writer/index_layout.h"

#include <algorithm>
#include <cmath>

#include "sr_writer/picture_text.h"

namespace necknode::sr_writer {
namespace {

constexpr int kMaxPanelColumns = 440, kMaxPanelRows = 640;  // of the projection, pixels

// The patient's extent of all boxes of a node, slices with their thickness.
PatientExtent ExtentOfNode(const LymphNode& node, const VolumeGrid& grid) {
  PatientExtent extent;
  bool first = true;
  for (const NodeBox& box : node.boxes) {
    for (const double x : {box.box.x0 - 0.5, box.box.x1 - 0.5}) {  // pixel edges to centres
      for (const double y : {box.box.y0 - 0.5, box.box.y1 - 0.5}) {
        for (const double z : {box.slice - 0.5, box.slice + 0.5}) {
          const Vec3 corner = grid.ToPatient(x, y, z);
          if (first)
            extent = {corner, corner};
          first = false;
          extent.low.x = std::min(extent.low.x, corner.x);
          extent.low.z = std::min(extent.low.z, corner.z);
          extent.high.x = std::max(extent.high.x, corner.x);
          extent.high.z = std::max(extent.high.z, corner.z);
        }
      }
    }
  }
  return extent;
}

// What of the field of view, from right to left, is worth showing: the body and all nodes.
std::pair<double, double> BodyWidth(const Assessment& assessment,
                                    const Volume& volume,
                                    std::pair<int, int> range,
                                    const PatientExtent& extent) {
  constexpr double kCoarseMm = 4, kBodyMm = 30, kAroundMm = 8;
  CoronalView coarse{extent.low.x, extent.high.z, kCoarseMm, 0, 0};
  coarse.columns = std::max(1, static_cast<int>((extent.high.x - extent.low.x) / kCoarseMm));
  coarse.rows = std::max(1, static_cast<int>((extent.high.z - extent.low.z) / kCoarseMm));
  const std::vector<float> paths = ProjectCoronally(volume, range.first, range.second, coarse);
  double low = extent.high.x;
  double high = extent.low.x;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (paths[i] < kBodyMm)
      continue;
    const double x = extent.low.x + kCoarseMm * double(i % std::size_t(coarse.columns));
    low = std::min(low, x);
    high = std::max(high, x + kCoarseMm);
  }
  for (const LymphNode& node : assessment.nodes) {
    const PatientExtent of_node = ExtentOfNode(node, volume.grid());
    low = std::min(low, of_node.low.x);
    high = std::max(high, of_node.high.x);
  }
  return {std::max(extent.low.x, low - kAroundMm), std::min(extent.high.x, high + kAroundMm)};
}

}  // namespace

std::pair<int, int> AnalysedRange(const Assessment& assessment, const VolumeGrid& grid) {
  const int first = std::max(0, assessment.first_slice);
  const int last = std::min(grid.slices - 1, assessment.last_slice);
  return first <= last ? std::pair(first, last) : std::pair(0, grid.slices - 1);
}

CoronalView ViewOf(const Assessment& assessment, const Volume& volume, std::pair<int, int> range) {
  const PatientExtent extent = ExtentOf(volume.grid(), range.first, range.second);
  const auto [left, right] = BodyWidth(assessment, volume, range, extent);
  const double height = extent.high.z - extent.low.z;
  CoronalView view;
  view.left_mm = left;
  view.top_mm = extent.high.z;
  view.mm_per_pixel = std::max((right - left) / kMaxPanelColumns, height / kMaxPanelRows);
  view.columns = std::max(1, static_cast<int>(std::lround((right - left) / view.mm_per_pixel)));
  view.rows = std::max(1, static_cast<int>(std::lround(height / view.mm_per_pixel)));
  return view;
}

Mark MarkOf(const LymphNode& node, const VolumeGrid& grid, const CoronalView& view) {
  constexpr int kMinSide = 8;
  const PatientExtent extent = ExtentOfNode(node, grid);
  Mark mark;
  mark.node = &node;
  mark.label = PictureLabel(node);
  mark.x0 = static_cast<int>(std::floor(view.ColumnOf(extent.low.x))) - 1;
  mark.x1 = static_cast<int>(std::ceil(view.ColumnOf(extent.high.x)));
  mark.y0 = static_cast<int>(std::floor(view.RowOf(extent.high.z))) - 1;
  mark.y1 = static_cast<int>(std::ceil(view.RowOf(extent.low.z)));
  const int grow_x = std::max(0, kMinSide - (mark.x1 - mark.x0));
  const int grow_y = std::max(0, kMinSide - (mark.y1 - mark.y0));
  mark.x0 -= grow_x / 2;
  mark.x1 += grow_x - grow_x / 2;
  mark.y0 -= grow_y / 2;
  mark.y1 += grow_y - grow_y / 2;
  return mark;
}

void StackLabels(std::vector<Mark>& marks, int line, int rows, int panel_top) {
  std::stable_sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
    return a.MiddleY() < b.MiddleY();
  });
  int free = 0;
  for (Mark& mark : marks) {
    mark.label_y = std::max(free, panel_top + mark.MiddleY() - line / 2);
    free = mark.label_y + line;
  }
  int limit = rows - line;
  for (auto mark = marks.rbegin(); mark != marks.rend(); ++mark) {
    mark->label_y = std::min(mark->label_y, limit);
    limit = mark->label_y - line;
  }
}

}  // namespace necknode::sr_writer
