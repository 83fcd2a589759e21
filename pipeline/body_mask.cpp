#include "pipeline/body_mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace necknode::pipeline {
namespace {

constexpr int kAirwayHu = -400;           // partial volume in a trachea of 15 mm stays below it
constexpr double kGridMm = 2.0;           // coarse enough for a second's work on a whole study
constexpr double kMinBodyAreaMm2 = 1000;  // smaller is a finger, a tube or noise
constexpr int kMinWholeRows = 10;         // rows of 2 mm that a slice's own midline needs
constexpr double kMidlineWindowMm = 10;
constexpr double kMidlineReachMm = 40;
constexpr double kMinAirwayMm2 = 20,
                 kMaxAirwayMm2 = 1500;  // a trachea has 100 to 400, a pharynx up to 1,000
constexpr double kAirwayOffMidlineMm = 30;

// One slice of the coarse grid: 1 is set. Outside counts as not set.
struct Plane {
  int columns = 0, rows = 0;
  std::vector<std::uint8_t> bits;
  Plane(int c, int r)
      : columns(c), rows(r), bits(static_cast<std::size_t>(c) * static_cast<std::size_t>(r)) {}
  [[nodiscard]] bool Inside(int x, int y) const {
    return x >= 0 && y >= 0 && x < columns && y < rows;
  }
  [[nodiscard]] std::size_t Index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(x);
  }
  [[nodiscard]] bool Get(int x, int y) const { return Inside(x, y) && bits[Index(x, y)] != 0; }
};

constexpr std::array<std::pair<int, int>, 4> kNeighbours = {{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}};

// 3 x 3 erosion or dilation; the image's edge erodes nothing, so that a body cut off by it keeps
// its side.
Plane Morph(const Plane& in, bool erode) {
  Plane out(in.columns, in.rows);
  for (int y = 0; y < in.rows; ++y) {
    for (int x = 0; x < in.columns; ++x) {
      bool value = erode;
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          if (!in.Inside(x + dx, y + dy))
            continue;
          if (in.Get(x + dx, y + dy) != erode)
            value = !erode;
        }
      }
      out.bits[out.Index(x, y)] = value ? 1 : 0;
    }
  }
  return out;
}

// Sets what cannot be reached from the image's edge through unset pixels. The edge itself may be
// the body's: a hole that opens onto the image's edge is left open.
void FillHoles(Plane& plane) {
  std::vector<std::uint8_t> outside(plane.bits.size());
  std::vector<std::pair<int, int>> stack;
  const auto visit = [&](int x, int y) {
    if (!plane.Inside(x, y) || plane.Get(x, y) || outside[plane.Index(x, y)] != 0)
      return;
    outside[plane.Index(x, y)] = 1;
    stack.emplace_back(x, y);
  };
  for (int x = 0; x < plane.columns; ++x) {
    visit(x, 0);
    visit(x, plane.rows - 1);
  }
  for (int y = 0; y < plane.rows; ++y) {
    visit(0, y);
    visit(plane.columns - 1, y);
  }
  while (!stack.empty()) {
    const auto [x, y] = stack.back();
    stack.pop_back();
    for (const auto& [dx, dy] : kNeighbours)
      visit(x + dx, y + dy);
  }
  for (std::size_t i = 0; i < outside.size(); ++i)
    plane.bits[i] = outside[i] == 0 ? 1 : 0;
}

// The coarse grid over a volume: every `step`-th column and row.
struct Grid {
  int step_x, step_y, columns, rows;
  double cell_mm2, column_mm;
  explicit Grid(const VolumeGrid& fine)
      : step_x(std::max(1, static_cast<int>(std::lround(kGridMm / fine.column_spacing_mm)))),
        step_y(std::max(1, static_cast<int>(std::lround(kGridMm / fine.row_spacing_mm)))),
        columns((fine.columns + step_x - 1) / step_x),
        rows((fine.rows + step_y - 1) / step_y),
        cell_mm2(step_x * fine.column_spacing_mm * step_y * fine.row_spacing_mm),
        column_mm(step_x * fine.column_spacing_mm) {}
};

template <typename Predicate>
Plane Sample(const Volume& volume, int z, const Grid& grid, Predicate predicate) {
  Plane plane(grid.columns, grid.rows);
  for (int y = 0; y < grid.rows; ++y) {
    for (int x = 0; x < grid.columns; ++x) {
      plane.bits[plane.Index(x, y)] =
          predicate(volume.At(x * grid.step_x, y * grid.step_y, z)) ? 1 : 0;
    }
  }
  return plane;
}

// Keeps the largest 6-connected part of the stack of planes; of equal ones the first found.
void KeepLargestPart(std::vector<Plane>& planes) {
  if (planes.empty())
    return;
  struct Cell {
    int x, y, z;
  };
  std::vector<std::vector<std::uint32_t>> labels;
  for (const Plane& plane : planes)
    labels.emplace_back(plane.bits.size());
  std::vector<Cell> stack;
  std::uint32_t label = 0, largest = 0;
  std::size_t size = 0, largest_size = 0;
  const auto visit = [&](int x, int y, int z) {
    if (z < 0 || z >= static_cast<int>(planes.size()))
      return;
    const Plane& plane = planes[static_cast<std::size_t>(z)];
    std::uint32_t* seen = labels[static_cast<std::size_t>(z)].data();
    if (!plane.Get(x, y) || seen[plane.Index(x, y)] != 0)
      return;
    seen[plane.Index(x, y)] = label;
    ++size;
    stack.push_back({x, y, z});
  };
  for (int z = 0; z < static_cast<int>(planes.size()); ++z) {
    for (int y = 0; y < planes[0].rows; ++y) {
      for (int x = 0; x < planes[0].columns; ++x) {
        ++label;
        size = 0;
        visit(x, y, z);
        while (!stack.empty()) {
          const Cell cell = stack.back();
          stack.pop_back();
          for (const auto& [dx, dy] : kNeighbours)
            visit(cell.x + dx, cell.y + dy, cell.z);
          visit(cell.x, cell.y, cell.z - 1);
          visit(cell.x, cell.y, cell.z + 1);
        }
        if (size > largest_size) {
          largest = label;
          largest_size = size;
        }
      }
    }
  }
  for (std::size_t z = 0; z < planes.size(); ++z) {
    for (std::size_t i = 0; i < planes[z].bits.size(); ++i) {
      planes[z].bits[i] = largest != 0 && labels[z][i] == largest ? 1 : 0;
    }
  }
}

// The median of the row middles, in columns of the volume; nothing where too few rows lie wholly
// inside the image.
bool OwnMidline(const Plane& body, const Grid& grid, double& midline_x) {
  std::vector<double> middles;
  for (int y = 0; y < body.rows; ++y) {
    int first = -1, last = -1;
    for (int x = 0; x < body.columns; ++x) {
      if (!body.Get(x, y))
        continue;
      if (first < 0)
        first = x;
      last = x;
    }
    if (first > 0 && last < body.columns - 1)
      middles.push_back((first + last) * 0.5 * grid.step_x);
  }
  if (middles.size() < kMinWholeRows)
    return false;
  const auto middle = middles.begin() + static_cast<std::ptrdiff_t>(middles.size() / 2);
  std::ranges::nth_element(middles, middle);
  midline_x = *middle;
  return true;
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

void SmoothMidline(std::vector<BodySlice>& slices, double spacing_mm) {
  const std::vector<BodySlice> own = slices;
  const auto count = static_cast<int>(slices.size());
  for (int z = 0; z < count; ++z) {
    std::vector<double> near;
    double nearest_mm = kMidlineReachMm;
    for (int other = 0; other < count; ++other) {
      if (own[static_cast<std::size_t>(other)].midline_known) {
        nearest_mm = std::min(nearest_mm, std::abs(other - z) * spacing_mm);
      }
    }
    for (int other = 0; other < count; ++other) {
      const BodySlice& candidate = own[static_cast<std::size_t>(other)];
      const double distance = std::abs(other - z) * spacing_mm;
      if (candidate.midline_known &&
          distance <= std::min(kMidlineReachMm, nearest_mm + kMidlineWindowMm)) {
        near.push_back(candidate.midline_x);
      }
    }
    BodySlice& slice = slices[static_cast<std::size_t>(z)];
    slice.midline_known = slice.area_mm2 > 0 && !near.empty();
    if (slice.midline_known)
      slice.midline_x = Median(std::move(near));
  }
}

// Looks for a part of `air` (already limited to the body's inside) of an airway's size near the
// midline.
bool HasAirway(Plane air, const Grid& grid, double midline_x) {
  std::vector<std::pair<int, int>> stack;
  const auto visit = [&](int x, int y) {
    if (!air.Get(x, y))
      return;
    air.bits[air.Index(x, y)] = 0;
    stack.emplace_back(x, y);
  };
  for (int y = 0; y < air.rows; ++y) {
    for (int x = 0; x < air.columns; ++x) {
      double cells = 0, sum_x = 0;
      visit(x, y);
      while (!stack.empty()) {
        const auto [cx, cy] = stack.back();
        stack.pop_back();
        ++cells;
        sum_x += cx;
        for (const auto& [dx, dy] : kNeighbours)
          visit(cx + dx, cy + dy);
      }
      const double area = cells * grid.cell_mm2;
      if (area < kMinAirwayMm2 || area > kMaxAirwayMm2)
        continue;
      const double off_mm = std::abs(sum_x / cells - midline_x / grid.step_x) * grid.column_mm;
      if (off_mm <= kAirwayOffMidlineMm)
        return true;
    }
  }
  return false;
}

}  // namespace

BodyMask FindBody(const Volume& volume) {
  const Grid grid(volume.grid());
  const int slices = volume.grid().slices;
  std::vector<Plane> planes;
  planes.reserve(static_cast<std::size_t>(slices));
  for (int z = 0; z < slices; ++z) {
    const Plane above = Sample(volume, z, grid, [](int hu) { return hu > kBodyHu; });
    planes.push_back(Morph(Morph(above, true), false));
  }
  KeepLargestPart(planes);

  BodyMask mask;
  mask.slices.resize(planes.size());
  for (std::size_t z = 0; z < planes.size(); ++z) {
    FillHoles(planes[z]);
    BodySlice& slice = mask.slices[z];
    const double area = static_cast<double>(std::ranges::count(planes[z].bits, 1)) * grid.cell_mm2;
    if (area < kMinBodyAreaMm2)
      continue;
    slice.area_mm2 = area;
    slice.midline_known = OwnMidline(planes[z], grid, slice.midline_x);
    if (mask.last_slice < 0)
      mask.first_slice = static_cast<int>(z);
    mask.last_slice = static_cast<int>(z);
  }
  SmoothMidline(mask.slices, volume.grid().slice_spacing_mm);
  for (std::size_t z = 0; z < planes.size(); ++z) {
    if (!mask.slices[z].midline_known)
      continue;
    Plane air = Sample(volume, static_cast<int>(z), grid, [](int hu) { return hu < kAirwayHu; });
    for (std::size_t i = 0; i < air.bits.size(); ++i)
      air.bits[i] &= planes[z].bits[i];
    mask.slices[z].airway = HasAirway(std::move(air), grid, mask.slices[z].midline_x);
  }
  for (Plane& plane : planes) {
    mask.masks.push_back(
        {grid.step_x, grid.step_y, plane.columns, plane.rows, std::move(plane.bits)});
  }
  return mask;
}

Volume BodyOnly(const Volume& volume, const BodyMask& body) {
  constexpr int kMarginCells = 3;
  Volume only(volume.grid());
  for (int z = 0; z < volume.grid().slices; ++z) {
    const CoarseMask& mask = body.masks.at(static_cast<std::size_t>(z));
    Plane plane(mask.columns, mask.rows);
    plane.bits = mask.bits;
    for (int cells = 0; cells < kMarginCells; ++cells)
      plane = Morph(plane, false);
    for (int y = 0; y < volume.grid().rows; ++y) {
      for (int x = 0; x < volume.grid().columns; ++x) {
        if (plane.Get(x / mask.step_x, y / mask.step_y))
          only.At(x, y, z) = volume.At(x, y, z);
      }
    }
  }
  return only;
}

}  // namespace necknode::pipeline
