#include "phantom/anatomy.h"

#include <algorithm>
#include <cmath>

#include "phantom/embedded_atlas.h"
#include "phantom/shapes.h"
#include "phantom/surface_distance.h"

namespace necknode::phantom {
namespace {

using enum Channel;

/// Labels lo to hi (see the atlas's colour table) as one surface.
struct LabelRange {
  Channel channel;
  int low, high;
  SurfaceOptions options;
};

const std::vector<LabelRange>& LabelRanges() {
  static const std::vector<LabelRange> ranges = {
      {kMuscleB, 57, 60, {3, 0.45F, false}},   {kMuscleA, 51, 56, {3, 0.45F, false}},
      {kMuscleA, 61, 64, {3, 0.45F, false}},   {kParotid, 49, 50, {3, 0.45F, false}},
      {kThyroid, 118, 118, {2, 0.45F, false}}, {kVein, 109, 110, {2, 0.45F, false}},
      {kVein, 113, 114, {2, 0.45F, false}},    {kVein, 117, 117, {2, 0.45F, false}},
      {kArtery, 101, 108, {2, 0.4F, false}},   {kArtery, 111, 112, {2, 0.4F, false}},
      {kArtery, 115, 116, {2, 0.4F, false}},   {kCartilage, 119, 120, {2, 0.35F, false}},
      {kBone, 9, 9, {1, 0.4F, false}},         {kBone, 10, 10, {1, 0.35F, false}},
      {kBone, 11, 24, {3, 0.45F, false}},      {kBone, 36, 36, {3, 0.45F, false}},
      {kBone, 25, 25, {2, 0.45F, true}},       {kBone, 26, 28, {2, 0.45F, true}},
      {kBone, 31, 35, {2, 0.42F, true}},
  };
  return ranges;
}

using Curve = std::vector<std::array<float, 2>>;  // (z, value), ascending z

/// Piecewise linear in z.
float Along(const Curve& points, float z) {
  auto next = points.begin() + 1;
  while (next + 1 != points.end() && (*next)[0] < z) {
    ++next;
  }
  const auto& a = *(next - 1);
  const auto& b = *next;
  return a[1] + (b[1] - a[1]) * std::clamp((z - a[0]) / (b[0] - a[0]), 0.0F, 1.0F);
}

/// The nape lies outside all labels above the trapezius: half an ellipse behind the spine, in
/// voxels.
void IncludeNape(BodyOutline& outline) {
  const Curve back_curve = {{80, 42}, {98, 43}, {114, 40}, {130, 42}, {146, 48}};
  const Curve width_curve = {{80, 58}, {98, 55}, {114, 55}, {130, 58}, {146, 60}};
  for (int z = 80; z <= 146; ++z) {
    const auto height = static_cast<float>(z);
    const float back = Along(back_curve, height);
    const float half_width = Along(width_curve, height);
    for (int i = -20; i <= 20; ++i) {
      const float u = static_cast<float>(i) / 20;
      outline.Include(
          z, MidlineX(height) + half_width * u, 92 - (92 - back) * std::sqrt(1 - u * u));
    }
  }
}

constexpr float kBackTop = 146;  // slice where the muscles behind the spine end

/// One of the muscle layers behind the spine: between two depths under the outline, out to a width
/// beside the midline.
struct BackLayer {
  Channel channel;
  float from_mm, to_mm;
  Curve half_width;
};

const std::vector<BackLayer>& BackLayers() {
  static const std::vector<BackLayer> layers = {
      {kMuscleA, 0.6F, 6, {{0, 95}, {60, 98}, {75, 88}, {90, 52}, {105, 36}, {120, 26}, {140, 18}}},
      {kMuscleD,
       7.8F,
       14,
       {{0, 62}, {55, 54}, {60, 42}, {75, 44}, {90, 50}, {105, 56}, {122, 58}, {140, 56}}},
      {kMuscleC,
       15.8F,
       27,
       {{0, 24}, {60, 28}, {75, 31}, {90, 35}, {105, 38}, {120, 38}, {142, 34}}},
  };
  return layers;
}

/// Signed distance (mm) to a layer's surface, roughly.
float BackLayerDistance(const BackLayer& layer, float depth, float aside, float front, float z) {
  const float half_width = Along(layer.half_width, z);
  // Thinner towards its free edge, towards the side of the neck and towards the skull.
  const float around = -3 * (front + (z > 96 ? 0.22F : 0.30F));
  const float fade =
      std::min({(half_width - aside) * 0.1F, around, std::min(1.0F, (kBackTop - z) / 8)});
  const float to_mm = layer.from_mm + (layer.to_mm - layer.from_mm) * std::clamp(fade, -0.5F, 1.0F);
  const float across = std::min(depth - layer.from_mm, to_mm - depth);
  return std::min({across, half_width - aside, aside - 1.1F});
}

void RaiseBackLayers(const BodyOutline& outline, std::vector<DenseField>& muscles) {
  for (int z = 0; z <= static_cast<int>(kBackTop); ++z) {
    const auto height = static_cast<float>(z);
    const auto centre = BodyOutline::Centre(height);
    const float flat = std::clamp((95 - height) / 20, 0.0F, 1.0F);
    for (int y = -kMargin; y < static_cast<int>(centre[1]); ++y) {
      for (int x = -kMargin; x < kGridX - kMargin; ++x) {
        const auto place = outline.At(static_cast<float>(x), static_cast<float>(y), height);
        // Depth runs along a ray from the axis; under a flat back the ray is oblique to the skin.
        const float depth = place.depth_mm * (1 - flat * (1 + place.front));
        if (depth < -6 || depth > 37) {
          continue;
        }
        const float aside = std::abs(static_cast<float>(x) - centre[0]);
        for (const BackLayer& layer : BackLayers()) {
          muscles[IndexOf(layer.channel)].Raise(
              x, y, z, BackLayerDistance(layer, depth, aside, place.front, height));
        }
      }
    }
  }
}

/// All of a channel but the muscle layers behind the spine.
void RaiseChannel(const LabelVolume& atlas, Channel channel, DenseField& field) {
  for (const LabelRange& range : LabelRanges()) {
    if (range.channel == channel) {
      const auto wanted = [&](std::uint8_t label) {
        return label >= range.low && label <= range.high;
      };
      RaiseByLabels(atlas, wanted, range.options, field);
    }
  }
  for (const Tube& tube : HandDrawnTubes()) {
    if (tube.channel == channel) {
      RaiseByTube(tube, field);
    }
  }
  if (channel == kTooth) {
    RaiseByTeeth(field);
  }
}

template <typename Visit>
void ForEachVoxel(const LabelVolume& atlas, std::uint8_t label, int z, const Visit& visit) {
  const auto& bounds = atlas.bounds[label];
  if (z < bounds.low[2] || z > bounds.high[2]) {
    return;
  }
  for (int y = bounds.low[1]; y <= bounds.high[1]; ++y) {
    for (int x = bounds.low[0]; x <= bounds.high[0]; ++x) {
      if (atlas.At(x, y, z) == label) {
        visit(x, y);
      }
    }
  }
}

}  // namespace

Anatomy::Anatomy(const LabelVolume& atlas) {
  FindTracks(atlas);
  // The muscles behind the spine hang under the outline, and that needs the bones and all other
  // muscles.
  DenseField bone;
  RaiseChannel(atlas, kBone, bone);
  IncludeInOutline(bone);
  {
    DenseField teeth;
    RaiseChannel(atlas, kTooth, teeth);
    IncludeInOutline(teeth);
  }
  std::vector<DenseField> muscles(IndexOf(kMuscleA) + 1);
  for (std::size_t i = 0; i < muscles.size(); ++i) {
    RaiseChannel(atlas, static_cast<Channel>(i), muscles[i]);
    IncludeInOutline(muscles[i]);
  }
  IncludeNape(outline_);
  outline_.Finish();
  RaiseBackLayers(outline_, muscles);
  for (std::size_t i = 0; i < muscles.size(); ++i) {
    field_.Add(static_cast<Channel>(i), muscles[i]);
  }
  DenseField& scratch = muscles.front();
  for (std::size_t i = muscles.size(); i < kChannels; ++i) {
    const auto channel = static_cast<Channel>(i);
    if (channel == kBone) {
      field_.Add(channel, bone);
      continue;
    }
    scratch.Clear();
    RaiseChannel(atlas, channel, scratch);
    field_.Add(channel, scratch);
  }
  field_.Finish();
}

const Anatomy& Anatomy::Instance() {
  static const Anatomy anatomy(ReadLabels(EmbeddedAtlas()));
  return anatomy;
}

void Anatomy::IncludeInOutline(const DenseField& field) {
  const auto inside = [](std::uint8_t value) {
    return static_cast<float>(value) > DenseField::kZero;
  };
  for (int z = 0; z < kGridZ; ++z) {
    for (int y = 0; y < kGridY; ++y) {
      const std::uint8_t* row = field.Row(y, z);
      for (int x = 1; x + 1 < kGridX; ++x) {
        if (inside(row[x]) && !(inside(row[x - 1]) && inside(row[x + 1]))) {
          outline_.Include(z, static_cast<float>(x - kMargin), static_cast<float>(y - kMargin));
        }
      }
    }
  }
}

void Anatomy::FindTracks(const LabelVolume& atlas) {
  constexpr std::array<std::uint8_t, 2> kJugular = {110, 109}, kSternomastoid = {61, 62};
  for (std::size_t right = 0; right < 2; ++right) {
    std::array<float, 2> centre{};
    float back = 0;
    for (int z = 0; z < atlas.nz; ++z) {
      double sum_x = 0, sum_y = 0, count = 0;
      ForEachVoxel(atlas, kJugular[right], z, [&](int x, int y) {
        sum_x += x;
        sum_y += y;
        ++count;
      });
      if (count > 0) {
        centre = {static_cast<float>(sum_x / count), static_cast<float>(sum_y / count)};
      }
      int hindmost = atlas.ny;
      ForEachVoxel(
          atlas, kSternomastoid[right], z, [&](int, int y) { hindmost = std::min(hindmost, y); });
      if (hindmost < atlas.ny) {
        back = static_cast<float>(hindmost);
      }
      jugular_[right].push_back(centre);
      sternomastoid_back_[right].push_back(back);
    }
  }
}

std::array<float, 2> Anatomy::Jugular(double z, bool right) const {
  const auto& track = jugular_[right ? 1 : 0];
  const int last = static_cast<int>(track.size()) - 1;
  return track[static_cast<std::size_t>(
      std::clamp(static_cast<int>(z + 0.5), 36, std::min(last, 133)))];
}

float Anatomy::SternomastoidBack(double z, bool right) const {
  const auto& track = sternomastoid_back_[right ? 1 : 0];
  return track[static_cast<std::size_t>(std::clamp(static_cast<int>(z + 0.5), 37, 116))];
}

}  // namespace necknode::phantom
