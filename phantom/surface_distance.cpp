#include "phantom/surface_distance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace necknode::phantom {
namespace {

constexpr int kAround = 8;  // voxels around the labels in which distances are kept
constexpr float kFar = 1e6F;

/// A dense part of the atlas around the wanted labels.
struct Part {
  std::array<int, 3> origin{}, size{};
  std::vector<float> values;

  [[nodiscard]] std::size_t Index(int x, int y, int z) const {
    return static_cast<std::size_t>((z * size[1] + y) * size[0] + x);
  }
};

Part CutOut(const LabelVolume& atlas, const std::array<bool, 256>& wanted) {
  std::array<int, 3> low = {atlas.nx, atlas.ny, atlas.nz}, high = {-1, -1, -1};
  for (std::size_t label = 0; label < wanted.size(); ++label) {
    for (std::size_t a = 0; wanted[label] && a < 3; ++a) {
      low[a] = std::min(low[a], atlas.bounds[label].low[a]);
      high[a] = std::max(high[a], atlas.bounds[label].high[a]);
    }
  }
  Part part;
  if (high[0] < 0) {
    return part;
  }
  for (std::size_t a = 0; a < 3; ++a) {
    part.origin[a] = low[a] - kAround;
    part.size[a] = high[a] - low[a] + 1 + 2 * kAround;
  }
  part.values.resize(static_cast<std::size_t>(part.size[0] * part.size[1] * part.size[2]));
  for (int z = low[2]; z <= high[2]; ++z) {
    for (int y = low[1]; y <= high[1]; ++y) {
      for (int x = low[0]; x <= high[0]; ++x) {
        if (wanted[atlas.At(x, y, z)]) {
          part.values[part.Index(x - part.origin[0], y - part.origin[1], z - part.origin[2])] = 1;
        }
      }
    }
  }
  return part;
}

/// Sets to 1 what cannot be reached from the slice's border without crossing the mask.
void FillHoles(Part& part) {
  const int nx = part.size[0], ny = part.size[1];
  std::vector<char> outside(static_cast<std::size_t>(nx * ny));
  std::vector<int> open;
  for (int z = 0; z < part.size[2]; ++z) {
    float* slice = part.values.data() + part.Index(0, 0, z);
    std::fill(outside.begin(), outside.end(), char{0});
    outside[0] = 1;
    open.assign(1, 0);
    while (!open.empty()) {
      const int at = open.back();
      open.pop_back();
      const int x = at % nx, y = at / nx;
      const std::array<int, 4> next = {x > 0 ? at - 1 : at,
                                       x + 1 < nx ? at + 1 : at,
                                       y > 0 ? at - nx : at,
                                       y + 1 < ny ? at + nx : at};
      for (const int n : next) {
        if (outside[static_cast<std::size_t>(n)] == 0 && slice[n] == 0) {
          outside[static_cast<std::size_t>(n)] = 1;
          open.push_back(n);
        }
      }
    }
    for (std::size_t i = 0; i < outside.size(); ++i) {
      slice[i] = outside[i] != 0 ? 0.0F : 1.0F;
    }
  }
}

void SmoothAlong(Part& part, std::size_t axis) {
  const std::array<std::size_t, 3> strides = {
      1,
      static_cast<std::size_t>(part.size[0]),
      static_cast<std::size_t>(part.size[0] * part.size[1])};
  const std::size_t stride = strides[axis];
  const auto count = static_cast<std::size_t>(part.size[axis]);
  // Whole rows or slices at a time, so that memory is read in order.
  std::vector<float> before(stride);
  const std::vector<float> nothing(stride);
  for (std::size_t start = 0; start < part.values.size(); start += stride * count) {
    std::fill(before.begin(), before.end(), 0.0F);
    for (std::size_t i = 0; i < count; ++i) {
      float* line = part.values.data() + start + i * stride;
      const float* after = i + 1 < count ? line + stride : nothing.data();
      for (std::size_t k = 0; k < stride; ++k) {
        const float value = line[k];
        line[k] = 0.25F * (before[k] + 2 * value + after[k]);
        before[k] = value;
      }
    }
  }
}

/// Unsigned distance of voxels that a surface passes by, kFar elsewhere.
std::vector<float> DistancesAtSurface(const Part& part, float threshold) {
  std::vector<float> distance(part.values.size(), kFar);
  const std::array<std::ptrdiff_t, 3> strides = {1, part.size[0], part.size[0] * part.size[1]};
  const std::array<float, 3> step = {
      static_cast<float>(kVoxelMm), static_cast<float>(kVoxelMm), static_cast<float>(kSliceMm)};
  for (int z = 1; z + 1 < part.size[2]; ++z) {
    for (int y = 1; y + 1 < part.size[1]; ++y) {
      for (int x = 1; x + 1 < part.size[0]; ++x) {
        const float* at = part.values.data() + part.Index(x, y, z);
        const float own = *at - threshold;
        bool crosses = false;
        float slope = 0;
        for (std::size_t a = 0; a < 3; ++a) {
          const float low = *(at - strides[a]), high = *(at + strides[a]);
          crosses |= (low > threshold) != (own > 0) || (high > threshold) != (own > 0);
          const float gradient = (high - low) / (2 * step[a]);
          slope += gradient * gradient;
        }
        if (crosses) {
          const float guess = std::abs(own) / std::max(std::sqrt(slope), 0.05F);
          distance[part.Index(x, y, z)] = std::min(guess, 1.0F);
        }
      }
    }
  }
  return distance;
}

struct Neighbour {
  std::ptrdiff_t offset;
  float length;
};

std::vector<Neighbour> NeighboursBefore(const Part& part) {
  std::vector<Neighbour> before;
  for (int dz = -1; dz <= 0; ++dz) {
    for (int dy = -1; dy <= 1; ++dy) {
      for (int dx = -1; dx <= 1; ++dx) {
        const std::ptrdiff_t offset = (dz * part.size[1] + dy) * part.size[0] + dx;
        if (offset < 0) {
          const double in_plane = (dx * dx + dy * dy) * kVoxelMm * kVoxelMm;
          before.push_back(
              {offset, static_cast<float>(std::sqrt(in_plane + dz * dz * kSliceMm * kSliceMm))});
        }
      }
    }
  }
  return before;
}

/// Marks runs of four voxels along x that lie within four to eight voxels of a surface: distances
/// farther away are not needed, and most of a part is far away.
class NearSurface {
 public:
  NearSurface(const Part& part, const std::vector<float>& distance) {
    for (std::size_t a = 0; a < 3; ++a) {
      cells_[a] = (part.size[a] + kCell - 1) / kCell;
    }
    std::vector<char> touched(static_cast<std::size_t>(cells_[0] * cells_[1] * cells_[2]));
    near_ = touched;
    for (int z = 0; z < part.size[2]; ++z) {
      for (int y = 0; y < part.size[1]; ++y) {
        for (int x = 0; x < part.size[0]; ++x) {
          if (distance[part.Index(x, y, z)] < kFar) {
            touched[Index(x / kCell, y / kCell, z / kCell)] = 1;
          }
        }
      }
    }
    for (int k = 0; k < cells_[2]; ++k) {
      for (int j = 0; j < cells_[1]; ++j) {
        for (int i = 0; i < cells_[0]; ++i) {
          if (touched[Index(i, j, k)] != 0) {
            MarkAround(i, j, k);
          }
        }
      }
    }
  }
  static constexpr int kCell = 4;
  [[nodiscard]] bool At(int x, int y, int z) const {
    return near_[Index(x / kCell, y / kCell, z / kCell)] != 0;
  }

 private:
  [[nodiscard]] std::size_t Index(int i, int j, int k) const {
    return static_cast<std::size_t>((k * cells_[1] + j) * cells_[0] + i);
  }
  void MarkAround(int i, int j, int k) {
    for (int n = std::max(k - 1, 0); n <= std::min(k + 1, cells_[2] - 1); ++n) {
      for (int m = std::max(j - 1, 0); m <= std::min(j + 1, cells_[1] - 1); ++m) {
        for (int l = std::max(i - 1, 0); l <= std::min(i + 1, cells_[0] - 1); ++l) {
          near_[Index(l, m, n)] = 1;
        }
      }
    }
  }
  std::array<int, 3> cells_{};
  std::vector<char> near_;
};

/// Spreads distances near the surface, but to the outermost layer: one pass forwards, one back.
void Spread(const Part& part, std::vector<float>& distance) {
  const auto before = NeighboursBefore(part);
  const NearSurface near(part, distance);
  const auto pass = [&](int direction) {
    for (int i = 1; i + 1 < part.size[2]; ++i) {
      const int z = direction > 0 ? i : part.size[2] - 1 - i;
      for (int j = 1; j + 1 < part.size[1]; ++j) {
        const int y = direction > 0 ? j : part.size[1] - 1 - j;
        for (int k = 1; k + 1 < part.size[0]; ++k) {
          const int x = direction > 0 ? k : part.size[0] - 1 - k;
          if (!near.At(x, y, z)) {
            continue;
          }
          float* at = distance.data() + part.Index(x, y, z);
          float best = *at;
          for (const Neighbour& n : before) {
            best = std::min(best, *(at + direction * n.offset) + n.length);
          }
          *at = best;
        }
      }
    }
  };
  pass(1);
  pass(-1);
}

}  // namespace

void RaiseByLabels(const LabelVolume& atlas,
                   const std::function<bool(std::uint8_t)>& wanted,
                   const SurfaceOptions& options,
                   DenseField& field) {
  std::array<bool, 256> table{};
  for (std::size_t label = 1; label < table.size(); ++label) {
    table[label] = wanted(static_cast<std::uint8_t>(label));
  }
  Part part = CutOut(atlas, table);
  if (part.values.empty()) {
    return;
  }
  if (options.fill_holes) {
    FillHoles(part);
  }
  for (int i = 0; i < options.smoothing; ++i) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      SmoothAlong(part, axis);
    }
  }
  auto distance = DistancesAtSurface(part, options.threshold);
  Spread(part, distance);
  for (int z = 1; z + 1 < part.size[2]; ++z) {
    for (int y = 1; y + 1 < part.size[1]; ++y) {
      for (int x = 1; x + 1 < part.size[0]; ++x) {
        const std::size_t at = part.Index(x, y, z);
        if (distance[at] >= kFar && part.values[at] <= options.threshold) {
          continue;
        }
        const float sign = part.values[at] > options.threshold ? 1.0F : -1.0F;
        field.Raise(
            x + part.origin[0], y + part.origin[1], z + part.origin[2], sign * distance[at]);
      }
    }
  }
}

}  // namespace necknode::phantom
