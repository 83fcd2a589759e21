#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "phantom/anatomy.h"
#include "phantom/patient.h"
#include "phantom/phantom.h"
#include "phantom/truth.h"

namespace necknode::phantom {
namespace {

/// What an image shows of one cut through a node or a vessel.
struct CutSeen {
  double diameter_mm = 0;  ///< of the circle of its area
  double aspect = 1;       ///< longer over shorter side of its box
  double mean_hu = 0;
};

PhantomOptions OptionsOf(std::uint64_t seed) {
  PhantomOptions options;
  options.seed = seed;
  options.slices = 40;
  options.slice_spacing_mm = 4;
  options.size = 256;
  options.pixel_spacing_mm = 0.85;
  return options;
}

CutSeen Seen(const Phantom& phantom, int z, const std::vector<int>& pixels, const Cut& cut) {
  const auto& grid = phantom.volume.grid();
  double sum = 0;
  for (const int pixel : pixels) {
    sum += phantom.volume.At(pixel % grid.columns, pixel / grid.columns, z);
  }
  const auto count = static_cast<double>(pixels.size());
  const double area = count * grid.column_spacing_mm * grid.row_spacing_mm;
  return {2 * std::sqrt(area / 3.14159265),
          std::max(cut.box.Width(), cut.box.Height()) / std::min(cut.box.Width(), cut.box.Height()),
          sum / count};
}

/// The pixels of the true nodes' boxes that are brighter than fat: their cuts, near enough.
std::vector<CutSeen> CutsOfNodes(const Phantom& phantom) {
  std::vector<CutSeen> cuts;
  const auto& grid = phantom.volume.grid();
  for (const TrueNode& node : phantom.nodes) {
    for (const auto& [z, box] : node.boxes) {
      std::vector<int> pixels;
      for (int y = static_cast<int>(box.y0); y < static_cast<int>(box.y1); ++y) {
        for (int x = static_cast<int>(box.x0); x < static_cast<int>(box.x1); ++x) {
          const double u = (x + 0.5 - box.CentreX()) / (box.Width() / 2);
          const double v = (y + 0.5 - box.CentreY()) / (box.Height() / 2);
          if (u * u + v * v <= 1) {
            pixels.push_back(y * grid.columns + x);
          }
        }
      }
      if (const auto cut = MeasureCut(pixels, grid.columns, grid.column_spacing_mm)) {
        cuts.push_back(Seen(phantom, z, pixels, *cut));
      }
    }
  }
  return cuts;
}

/// Connected pixels of `inside` (columns x rows of a window) from `start` on, which are taken out.
std::vector<int> TakeComponent(std::vector<bool>& inside, int columns, int start) {
  std::vector<int> pixels, open = {start};
  inside[static_cast<std::size_t>(start)] = false;
  while (!open.empty()) {
    const int at = open.back();
    open.pop_back();
    pixels.push_back(at);
    for (const int step : {-1, 1, -columns, columns}) {
      const int next = at + step;
      if (next >= 0 && next < static_cast<int>(inside.size()) &&
          inside[static_cast<std::size_t>(next)]) {
        inside[static_cast<std::size_t>(next)] = false;
        open.push_back(next);
      }
    }
  }
  return pixels;
}

/// Cuts through one kind of vessel within 20 mm of a jugular vein's centre, as the image shows
/// them.
std::vector<CutSeen> CutsOfVessels(const Phantom& phantom, Channel channel) {
  constexpr double kReachMm = 20;
  const Patient patient(phantom.options);
  const auto& anatomy = Anatomy::Instance();
  const auto& grid = phantom.volume.grid();
  std::vector<CutSeen> cuts;
  for (int z = 2; z < grid.slices; z += 4) {
    const double height = patient.ToAnatomy(grid.ToPatient(128, 128, z)).z;
    if (height < kClavicleZ || height > 110) {
      continue;
    }
    for (const bool right : {false, true}) {
      const auto vein = anatomy.Jugular(height, right);
      const Vec3 centre = patient.ToPatient({vein[0], vein[1], height}) - grid.first.position;
      std::vector<bool> inside(static_cast<std::size_t>(grid.columns * grid.rows), false);
      const int x0 = static_cast<int>((centre.x - kReachMm) / grid.column_spacing_mm);
      const int y0 = static_cast<int>((centre.y - kReachMm) / grid.row_spacing_mm);
      const int side = static_cast<int>(2 * kReachMm / grid.column_spacing_mm);
      for (int y = std::max(1, y0); y < std::min(grid.rows - 1, y0 + side); ++y) {
        for (int x = std::max(1, x0); x < std::min(grid.columns - 1, x0 + side); ++x) {
          const Vec3 q = patient.ToAnatomy(grid.ToPatient(x, y, z));
          const auto ax = static_cast<float>(q.x);
          inside[static_cast<std::size_t>(y * grid.columns + x)] =
              anatomy.field().DistanceTo(
                  channel, ax, static_cast<float>(q.y), static_cast<float>(q.z)) +
                  patient.Growth(channel, ax) >
              0;
        }
      }
      for (int pixel = 0; pixel < grid.columns * grid.rows; ++pixel) {
        if (inside[static_cast<std::size_t>(pixel)]) {
          const auto pixels = TakeComponent(inside, grid.columns, pixel);
          if (const auto cut = MeasureCut(pixels, grid.columns, grid.column_spacing_mm)) {
            cuts.push_back(Seen(phantom, z, pixels, *cut));
          }
        }
      }
    }
  }
  return cuts;
}

struct Range {
  double low = 0, high = 0;
  [[nodiscard]] bool Holds(double value) const { return value >= low && value <= high; }
};

/// The middle 90% of `value` over the cuts.
template <typename Value>
Range MiddleOf(const std::vector<CutSeen>& cuts, Value value) {
  std::vector<double> values;
  for (const CutSeen& cut : cuts) {
    values.push_back(value(cut));
  }
  std::sort(values.begin(), values.end());
  return {values[values.size() / 20], values[values.size() - 1 - values.size() / 20]};
}

double ShareOf(const std::vector<CutSeen>& cuts, const std::function<bool(const CutSeen&)>& is) {
  return static_cast<double>(std::count_if(cuts.begin(), cuts.end(), is)) /
         static_cast<double>(cuts.size());
}

// Measured on the images themselves: what a detector without eyes for texture and course would
// take for nodes.
TEST(LookAlikes, VesselsInCrossSectionHaveTheNodesSizeShapeAndHu) {
  std::vector<CutSeen> nodes, veins, arteries;
  constexpr std::uint64_t kPhantoms = 20;
  for (std::uint64_t seed = 300; seed < 300 + kPhantoms; ++seed) {
    const Phantom phantom = MakePhantom(OptionsOf(seed));
    for (auto [to, from] : {std::pair{&nodes, CutsOfNodes(phantom)},
                            std::pair{&veins, CutsOfVessels(phantom, Channel::kVein)},
                            std::pair{&arteries, CutsOfVessels(phantom, Channel::kArtery)}}) {
      to->insert(to->end(), from.begin(), from.end());
    }
  }
  ASSERT_GT(nodes.size(), 300U);
  ASSERT_GT(veins.size(), 150U);
  ASSERT_GT(arteries.size(), 150U);
  const Range size = MiddleOf(nodes, [](const CutSeen& cut) { return cut.diameter_mm; });
  const Range shape = MiddleOf(nodes, [](const CutSeen& cut) { return cut.aspect; });
  const Range hu = MiddleOf(nodes, [](const CutSeen& cut) { return cut.mean_hu; });
  const auto of_size = [&](const CutSeen& cut) { return size.Holds(cut.diameter_mm); };
  const auto of_hu = [&](const CutSeen& cut) { return hu.Holds(cut.mean_hu); };
  const auto like = [&](const CutSeen& cut) {
    return of_size(cut) && shape.Holds(cut.aspect) && of_hu(cut);
  };
  EXPECT_GT(ShareOf(veins, of_size), 0.45);
  EXPECT_GT(ShareOf(arteries, of_size), 0.75) << "arteries are as large, but brighter";
  EXPECT_GT(ShareOf(veins, of_hu), 0.2) << "veins fill late or early, as the scan was timed";
  // Every fourth slice was looked at.
  const double look_alikes = 4 * ShareOf(veins, like) * static_cast<double>(veins.size());
  EXPECT_GT(look_alikes, 0.15 * static_cast<double>(nodes.size()))
      << "in size, shape and HU at once, of " << nodes.size() << " cuts of nodes";
}

}  // namespace
}  // namespace necknode::phantom
