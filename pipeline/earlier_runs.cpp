#include "pipeline/earlier_runs.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <tuple>

namespace necknode::pipeline {
namespace {

constexpr double kSameNode = 0.2;  // volume of the boxes: intersection over union

/// A box where it lies in another volume: in its pixels, at a slice with fractions.
struct MovedBox {
  Box box;
  double slice = 0;
};

MovedBox Move(const NodeBox& box, const VolumeGrid& from, const VolumeGrid& to) {
  const auto move = [&](double x, double y) {
    // Pixel edges to centres and back: the first pixel's centre is at 0.5.
    const Vec3 off = from.ToPatient(x - 0.5, y - 0.5, box.slice) - to.first.position;
    return Vec3{Dot(off, to.first.row_direction) / to.column_spacing_mm + 0.5,
                Dot(off, to.first.column_direction) / to.row_spacing_mm + 0.5,
                Dot(off, to.first.Normal()) / to.slice_spacing_mm};
  };
  const Vec3 a = move(box.box.x0, box.box.y0), b = move(box.box.x1, box.box.y1);
  return {{std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x), std::max(a.y, b.y)},
          (a.z + b.z) / 2};
}

double BoxVolume(const LymphNode& node, const VolumeGrid& grid) {
  double area = 0;
  for (const NodeBox& box : node.boxes)
    area += box.box.Area();
  return area * grid.column_spacing_mm * grid.row_spacing_mm * grid.slice_spacing_mm;
}

// Intersection over union of the boxes' volumes.
double Overlap(const LymphNode& node,
               const VolumeGrid& grid,
               const LymphNode& earlier,
               const VolumeGrid& earlier_grid) {
  const double thickness_mm = std::min(grid.slice_spacing_mm, earlier_grid.slice_spacing_mm);
  double shared = 0;
  for (const NodeBox& before : earlier.boxes) {
    const MovedBox moved = Move(before, earlier_grid, grid);
    for (const NodeBox& box : node.boxes) {
      if (std::abs(box.slice - moved.slice) <= 0.5)
        shared += IntersectionArea(box.box, moved.box) * grid.column_spacing_mm *
                  grid.row_spacing_mm * thickness_mm;
    }
  }
  const double all = BoxVolume(node, grid) + BoxVolume(earlier, earlier_grid) - shared;
  return all > 0 ? shared / all : 0;
}

void KeepNames(std::vector<LymphNode>& nodes,
               const VolumeGrid& grid,
               const FinishedRun& run,
               std::set<int>& taken) {
  std::vector<std::tuple<double, std::size_t, std::size_t>> pairs;  // less is better
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (std::size_t j = 0; j < run.nodes.size(); ++j) {
      const double overlap = Overlap(nodes[i], grid, run.nodes[j], run.grid);
      if (overlap >= kSameNode)
        pairs.emplace_back(-overlap, i, j);
    }
  }
  std::ranges::sort(pairs);
  for (const auto& [cost, i, j] : pairs) {
    const LymphNode& known = run.nodes[j];
    if (nodes[i].number != 0 || !taken.insert(known.number).second)
      continue;
    nodes[i].number = known.number;
    nodes[i].tracking_uid = known.tracking_uid;
  }
}

}  // namespace

void NameNodes(std::vector<LymphNode>& nodes,
               const VolumeGrid& grid,
               const std::vector<FinishedRun>& earlier,
               const std::string& job_key) {
  std::ranges::stable_sort(nodes, {}, [](const LymphNode& node) {
    const Box& box = node.KeyBox().box;
    return std::tuple(-node.probability, -node.detection_score, node.key_slice, box.y0, box.x0);
  });
  std::set<int> taken;
  int highest = 0;
  for (const FinishedRun& run : earlier) {
    KeepNames(nodes, grid, run, taken);
    for (const LymphNode& node : run.nodes)
      highest = std::max(highest, node.number);
  }
  for (LymphNode& node : nodes) {
    if (node.number != 0)
      continue;
    node.number = ++highest;
    node.tracking_uid =
        Uid::FromName("necknode/tracking/" + job_key + "/" + std::to_string(node.number));
  }
  std::ranges::sort(nodes, {}, &LymphNode::number);
}

}  // namespace necknode::pipeline
