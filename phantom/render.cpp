#include "phantom/render.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "phantom/random.h"

namespace necknode::phantom {
namespace {

using enum Channel;

constexpr int kStep = 8;  // pixels between exact evaluations of the patient's map
constexpr float kAir = -1000;

/// What changes smoothly over a slice: place in the anatomy, depth under the skin and under the
/// muscles' outline.
struct Smooth {
  float x, y, z, skin_depth, depth, front;

  friend Smooth Mix(const Smooth& a, const Smooth& b, float t) {
    const auto mix = [t](float from, float to) { return from + (to - from) * t; };
    return {mix(a.x, b.x),
            mix(a.y, b.y),
            mix(a.z, b.z),
            mix(a.skin_depth, b.skin_depth),
            mix(a.depth, b.depth),
            mix(a.front, b.front)};
  }
};

float Ramp(float value) { return std::clamp(value, 0.0F, 1.0F); }

class SliceRenderer {
 public:
  SliceRenderer(const Patient& patient, int z)
      : patient_(patient), tissue_(patient.tissue()), anatomy_(Anatomy::Instance()), z_(z) {
    across_ = (patient.grid().columns + kStep - 1) / kStep + 1;
    down_ = (patient.grid().rows + kStep - 1) / kStep + 1;
    for (int j = 0; j < down_; ++j) {
      for (int i = 0; i < across_; ++i) {
        corners_.push_back(Exact(i * kStep, j * kStep));
      }
    }
  }

  void Draw(std::vector<float>& image) {
    const auto& grid = patient_.grid();
    for (int y = 0; y < grid.rows; ++y) {
      const float t = static_cast<float>(y % kStep) / kStep;
      const bool table = grid.ToPatient(0, y, z_).y > patient_.table_y() - 60;
      for (int i = 0; i + 1 < across_; ++i) {
        const Smooth left = Mix(Corner(i, y / kStep), Corner(i, y / kStep + 1), t);
        const Smooth right = Mix(Corner(i + 1, y / kStep), Corner(i + 1, y / kStep + 1), t);
        for (int k = 0; k < kStep && i * kStep + k < grid.columns; ++k) {
          const Smooth place = Mix(left, right, static_cast<float>(k) / kStep);
          float& pixel = image[static_cast<std::size_t>(y * grid.columns + i * kStep + k)];
          pixel = Value(place);
          if (pixel <= kAir && table) {
            pixel = patient_.TableHu(grid.ToPatient(i * kStep + k, y, z_));
          }
        }
      }
    }
  }

 private:
  [[nodiscard]] const Smooth& Corner(int i, int j) const {
    return corners_[static_cast<std::size_t>(j * across_ + i)];
  }

  [[nodiscard]] Smooth Exact(int x, int y) const {
    const Vec3 q = patient_.ToAnatomy(patient_.grid().ToPatient(x, y, z_));
    const auto ax = static_cast<float>(q.x), ay = static_cast<float>(q.y),
               az = static_cast<float>(q.z);
    const auto place = anatomy_.outline().At(ax, ay, az);
    return {ax, ay, az, patient_.DepthUnderSkin(place), place.depth_mm, place.front};
  }

  [[nodiscard]] float Value(const Smooth& at) {
    const float edge = 1 / tissue_.edge_mm;
    if (at.skin_depth * edge < -0.5F) {
      return kAir;
    }
    const float coarse = noise_.At(at.x * 0.22F, at.y * 0.22F, at.z * 0.3F);
    const float veil = noise_.At(at.x * 0.11F + 17, at.y * 0.11F, at.z * 0.1F);
    float hu = tissue_.fat + 5 * coarse +
               tissue_.strands *
                   (Ramp(1 - 9 * std::abs(veil)) + 0.6F * Ramp(1 - 7 * std::abs(coarse - 0.3F)));
    // Platysma: a thin sheet in the fat of the front and sides.
    const float sheet = at.skin_depth - 0.55F * (at.skin_depth - at.depth);
    if (at.front > -0.3F && at.z > 46 && at.z < 106) {
      hu += (tissue_.muscle - hu) * 0.8F * Ramp(1.1F - std::abs(sheet) * 1.1F) *
            Ramp((at.front + 0.3F) * 4);
    }
    anatomy_.field().At(at.x, at.y, at.z, sample_);
    if (sample_.present != 0) {
      const float fine = noise_.At(at.x * 0.8F, at.y * 0.8F, at.z * 0.5F);
      for (std::uint32_t left = sample_.present; left != 0; left &= left - 1) {
        const auto index = static_cast<std::size_t>(std::countr_zero(left));
        const auto channel = static_cast<Channel>(index);
        const float distance = sample_.distance_mm[index] + patient_.Growth(channel, at.x);
        const float cover = Ramp(0.5F + distance * edge);
        if (cover > 0) {
          hu += (TissueHu(channel, distance, coarse, fine) - hu) * cover;
        }
      }
    }
    const float skin = Ramp(0.5F + (1.9F - at.skin_depth) * edge);
    hu += (tissue_.skin - hu) * skin;
    return kAir + (hu - kAir) * Ramp(0.5F + at.skin_depth * edge);
  }

  [[nodiscard]] float TissueHu(Channel channel, float distance, float coarse, float fine) const {
    const Tissue& t = tissue_;
    switch (channel) {
      case kMuscleA:
      case kMuscleB:
      case kMuscleC:
      case kMuscleD:
        return t.muscle + 2 * coarse -
               t.muscle_streaks * std::max(0.0F, fine - 0.4F) * Ramp(0.4F + coarse);
      case kTongue:
        return t.tongue + 6 * coarse - 9 * std::max(0.0F, fine);
      case kParotid:
        return t.parotid + 16 * fine + 10 * coarse;
      case kSubmandibular:
        return t.gland + 6 * fine;
      case kMucosa:
        return t.mucosa + 5 * fine;
      case kLung:
        return -860 + 25 * coarse + 60 * std::max(0.0F, fine - 1.0F);
      case kThyroid:
        return t.thyroid + 6 * fine;
      case kDisc:
        return t.disc;
      case kCanal:
        return distance > 2.2F ? t.cord : t.fluid;
      case kBrain:
        return t.brain + 3 * fine;
      case kVein:
        return t.vein;
      case kArtery:
        return t.artery;
      case kAirway:
        return kAir;
      case kFold:
        return t.mucosa;
      case kCartilage:
        return t.cartilage + 70 * coarse;
      case kBone: {
        const float marrow = t.marrow + 60 * fine + 40 * coarse;
        return marrow + (t.cortex - marrow) * Ramp(0.5F + (t.cortex_mm - distance) / t.edge_mm);
      }
      case kTooth:
        return t.enamel;
    }
    return t.fat;
  }

  const Patient& patient_;
  const Tissue& tissue_;
  const Anatomy& anatomy_;
  const SmoothNoise& noise_ = SmoothNoise::Instance();
  SparseField::Sample sample_;
  int z_, across_ = 0, down_ = 0;
  std::vector<Smooth> corners_;
};

/// Draws one node over the image, with a rim of fat where it indents muscle. Returns the pixels it
/// covers by half.
std::vector<int> DrawNodeOnSlice(const NodeModel& node,
                                 const Patient& patient,
                                 int z,
                                 std::vector<float>& image) {
  const auto& grid = patient.grid();
  const double height = grid.ToPatient(0, 0, z).z;
  std::vector<int> visible;
  if (std::abs(height - node.centre.z) > node.half_z * (1 + 2.5 * node.lobulation) + 1) {
    return visible;
  }
  const Vec3 off = node.centre - grid.first.position;
  const double reach = node.Reach();
  const int x0 = std::max(0, static_cast<int>((off.x - reach) / grid.column_spacing_mm));
  const int x1 =
      std::min(grid.columns - 1, static_cast<int>((off.x + reach) / grid.column_spacing_mm) + 1);
  const int y0 = std::max(0, static_cast<int>((off.y - reach) / grid.row_spacing_mm));
  const int y1 =
      std::min(grid.rows - 1, static_cast<int>((off.y + reach) / grid.row_spacing_mm) + 1);
  const float edge = 1 / patient.tissue().edge_mm;
  for (int y = y0; y <= y1; ++y) {
    for (int x = x0; x <= x1; ++x) {
      float texture = 0;
      const float distance = node.DistanceAt(grid.ToPatient(x, y, z), &texture);
      if (distance <= -1) {
        continue;
      }
      float& hu = image[static_cast<std::size_t>(y * grid.columns + x)];
      const float halo = Ramp(1 - std::abs(distance + 0.5F) * 2);
      if (hu > -40 && hu < 90) {
        hu += (-40 - hu) * 0.6F * halo;
      }
      const float cover = Ramp(0.5F + distance * edge);
      hu += (texture - hu) * cover;
      if (distance >= 0) {
        visible.push_back(y * grid.columns + x);
      }
    }
  }
  return visible;
}

}  // namespace

void RenderSlice(const Patient& patient,
                 const std::vector<NodeModel>& nodes,
                 std::uint64_t seed,
                 int z,
                 Volume& volume,
                 std::vector<std::vector<int>>& visible) {
  const auto& grid = patient.grid();
  std::vector<float> image(static_cast<std::size_t>(grid.columns) *
                           static_cast<std::size_t>(grid.rows));
  SliceRenderer(patient, z).Draw(image);
  visible.clear();
  for (const NodeModel& node : nodes) {
    visible.push_back(DrawNodeOnSlice(node, patient, z, image));
  }
  const auto& tissue = patient.tissue();
  const double anatomy_z =
      patient.ToAnatomy(grid.ToPatient(grid.columns / 2.0, grid.rows / 2.0, z)).z;
  const float shoulders = Ramp(static_cast<float>((72 - anatomy_z) / 20));
  AddNoise(image,
           grid.columns,
           grid.rows,
           {Scramble(seed * 4096 + static_cast<std::uint64_t>(z)),
            tissue.noise * (1 + 0.4F * shoulders),
            tissue.noise_kernel,
            tissue.shoulder_streaks * shoulders});
  const auto out = volume.Slice(z);
  for (std::size_t i = 0; i < image.size(); ++i) {
    out[i] = static_cast<std::int16_t>(std::floor(std::clamp(image[i], -1024.0F, 3071.0F) + 0.5F));
  }
}

}  // namespace necknode::phantom
