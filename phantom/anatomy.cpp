#include "phantom/anatomy.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

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

/// Piecewise linear in z.
float Along(std::initializer_list<std::array<float, 2>> points, float z) {
  const auto* next = points.begin() + 1;
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
  for (int z = 80; z <= 146; ++z) {
    const auto height = static_cast<float>(z);
    const float back = Along({{80, 42}, {98, 43}, {114, 40}, {130, 42}, {146, 48}}, height);
    const float half_width = Along({{80, 58}, {98, 55}, {114, 55}, {130, 58}, {146, 60}}, height);
    for (int i = -20; i <= 20; ++i) {
      const float u = static_cast<float>(i) / 20;
      outline.Include(
          z, MidlineX(height) + half_width * u, 92 - (92 - back) * std::sqrt(1 - u * u));
    }
  }
}

/// One of the muscle layers behind the spine: between two depths under the outline, out to a width
/// beside the midline.
struct BackLayer {
  Channel channel;
  float from_mm, to_mm;
  std::initializer_list<std::array<float, 2>> half_width;
};

const std::vector<BackLayer>& BackLayers() {
  static const std::vector<BackLayer> layers = {
      {kMuscleA,
       0.8F,
       5.5F,
       {{0, 90}, {60, 95}, {75, 85}, {90, 48}, {105, 27}, {120, 18}, {132, 12}}},
      {kMuscleD,
       6.6F,
       12,
       {{0, 55}, {55, 48}, {60, 34}, {75, 36}, {90, 40}, {105, 44}, {122, 47}, {134, 44}}},
      {kMuscleC,
       13.2F,
       22,
       {{0, 20}, {60, 22}, {75, 25}, {90, 27}, {105, 28}, {120, 27}, {134, 24}}},
  };
  return layers;
}

void RaiseByBackLayer(const BackLayer& layer, const BodyOutline& outline, DenseField& field) {
  for (int z = 0; z <= 136; ++z) {
    const auto height = static_cast<float>(z);
    const float half_width = Along(layer.half_width, height);
    const auto centre = BodyOutline::Centre(height);
    const float taper = std::min(1.0F, (136 - height) / 6);
    for (int y = -kMargin; y < static_cast<int>(centre[1]); ++y) {
      for (int x = -kMargin; x < kGridX - kMargin; ++x) {
        const auto place = outline.At(static_cast<float>(x), static_cast<float>(y), height);
        if (place.depth_mm < layer.from_mm - 7 || place.depth_mm > layer.to_mm + 7 ||
            place.front > 0) {
          continue;
        }
        const float aside = std::abs(static_cast<float>(x) - centre[0]);
        const float across =
            std::min(place.depth_mm - layer.from_mm, layer.to_mm * taper - place.depth_mm);
        const float along = std::min((half_width - aside) * 0.45F, aside - 0.9F);
        field.Raise(x, y, z, std::min(across, along));
      }
    }
  }
}

}  // namespace

Anatomy::Anatomy(const LabelVolume& atlas) {
  FindTracks(atlas);
  // The outline needs all channels before the muscles behind the spine can be hung under it, and
  // those belong to the first channels: so these are kept until the outline is known.
  const std::size_t muscles = IndexOf(kMuscleA) + 1;
  std::vector<DenseField> kept(muscles);
  std::vector<DenseField> others(1);
  std::vector<SparseField> unused;
  for (std::size_t pass = 0; pass < 2; ++pass) {
    for (std::size_t i = 0; i < kChannels; ++i) {
      const auto channel = static_cast<Channel>(i);
      const bool muscle = i < muscles;
      if (pass == 0 && !muscle && channel != kBone && channel != kTooth) {
        continue;
      }
      DenseField& field = muscle ? kept[i] : others.front();
      if (!muscle) {
        field.Clear();
      }
      if (pass == 0 || !muscle) {
        for (const LabelRange& range : LabelRanges()) {
          if (range.channel == channel) {
            RaiseByLabels(
                atlas,
                [&](std::uint8_t label) { return label >= range.low && label <= range.high; },
                range.options,
                field);
          }
        }
        AddTubes(channel, field);
      }
      if (pass == 0) {
        IncludeInOutline(channel, field);
        continue;
      }
      for (const BackLayer& layer : BackLayers()) {
        if (layer.channel == channel) {
          RaiseByBackLayer(layer, outline_, field);
        }
      }
      field_.Add(channel, field);
    }
    if (pass == 0) {
      IncludeNape(outline_);
      outline_.Finish();
    }
  }
  field_.Finish();
}

const Anatomy& Anatomy::Instance() {
  static const Anatomy anatomy(ReadLabels(EmbeddedAtlas()));
  return anatomy;
}

void Anatomy::AddTubes(Channel channel, DenseField& field) const {
  for (const Tube& tube : HandDrawnTubes()) {
    if (tube.channel == channel) {
      RaiseByTube(tube, field);
    }
  }
  if (channel == kTooth) {
    RaiseByTeeth(field);
  }
}

void Anatomy::IncludeInOutline(Channel, const DenseField& field) {
  const auto threshold = static_cast<std::uint8_t>(DenseField::kZero);
  for (int z = 0; z < kGridZ; ++z) {
    for (int y = 0; y < kGridY; ++y) {
      const std::uint8_t* row = field.Row(y, z);
      int first = 0, last = kGridX - 1;
      while (first < kGridX && row[first] <= threshold) {
        ++first;
      }
      if (first == kGridX) {
        continue;
      }
      while (row[last] <= threshold) {
        --last;
      }
      outline_.Include(z, static_cast<float>(first - kMargin), static_cast<float>(y - kMargin));
      outline_.Include(z, static_cast<float>(last - kMargin), static_cast<float>(y - kMargin));
    }
  }
}

void Anatomy::FindTracks(const LabelVolume& atlas) {
  constexpr std::array<std::uint8_t, 2> kJugular = {110, 109}, kSternomastoid = {61, 62};
  for (std::size_t right = 0; right < 2; ++right) {
    std::array<float, 2> centre{};
    float back = 0;
    auto& jugular = jugular_[right];
    auto& backs = sternomastoid_back_[right];
    for (int z = 0; z < atlas.nz; ++z) {
      double sum_x = 0, sum_y = 0, count = 0;
      float hindmost = 1e6F;
      for (int y = 0; y < atlas.ny; ++y) {
        for (int x = 0; x < atlas.nx; ++x) {
          const auto label = atlas.At(x, y, z);
          if (label == kJugular[right]) {
            sum_x += x;
            sum_y += y;
            ++count;
          } else if (label == kSternomastoid[right]) {
            hindmost = std::min(hindmost, static_cast<float>(y));
          }
        }
      }
      if (count > 0) {
        centre = {static_cast<float>(sum_x / count), static_cast<float>(sum_y / count)};
      }
      back = hindmost < 1e5F ? hindmost : back;
      jugular.push_back(centre);
      backs.push_back(back);
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
