#include "phantom/lymph_nodes.h"

#include <algorithm>
#include <cmath>

#include "phantom/noise.h"
#include "phantom/random.h"

namespace necknode::phantom {
namespace {

void DrawShape(NodeModel& node, Random& random) {
  // Short axis and ratio of the two classes overlap: metastatic nodes are a little larger and
  // rounder on average.
  const double short_axis = node.malignant ? std::clamp(random.Normal(7.3, 1.9), 4.4, 11.5)
                                           : std::clamp(random.Normal(6.3, 1.5), 4.2, 11.0);
  const double ratio = node.malignant ? std::clamp(random.Normal(1.25, 0.16), 1.02, 1.75)
                                      : std::clamp(random.Normal(1.40, 0.2), 1.04, 1.75);
  node.half_short = short_axis / 2;
  node.half_long = std::min(node.half_short * ratio, 6.8);
  node.half_z = std::clamp(node.half_short * random.Uniform(1.05, 2.0), 3.2, 10.5);
  const double t = random.Uniform(-1, 1);
  node.cosine = (1 - t * t) / (1 + t * t);
  node.sine = 2 * t / (1 + t * t);
  node.lean_x = random.Normal(0, 0.15);
  node.lean_y = random.Normal(0, 0.15);
  node.lobulation = node.malignant ? random.Uniform(0.03, 0.12) : random.Uniform(0.02, 0.09);
  if (ratio > 1.5) {
    node.lobulation = std::min(node.lobulation, 0.05);  // no box beyond the paper's aspect of 2
  }
  node.phase = static_cast<float>(random.Uniform(0, 1000));
}

void DrawBenignTexture(NodeModel& node, Random& random) {
  node.hu = static_cast<float>(std::clamp(random.Normal(99, 12), 68.0, 125.0));
  node.unevenness = static_cast<float>(random.Uniform(0, 4));
  if (random.Chance(0.8)) {
    node.hilum = static_cast<float>(random.Uniform(0.20, 0.38));
    node.hilum_shift = static_cast<float>(random.Uniform(-0.45, 0.45));
    node.hilum_hu = static_cast<float>(random.Uniform(-60, 5));
  }
}

void DrawMalignantTexture(NodeModel& node, Random& random) {
  node.hu = static_cast<float>(std::clamp(random.Normal(85, 16), 58.0, 130.0));
  node.unevenness = static_cast<float>(random.Uniform(20, 34));
  node.patch_mm = static_cast<float>(random.Uniform(1.3, 2.1));
  const auto inside = [&] { return random.Uniform(-0.5, 0.5); };
  if (random.Chance(0.55)) {
    const int count = random.Int(1, 3);
    for (int i = 0; i < count; ++i) {
      node.cysts.push_back({inside(), inside(), inside(), random.Uniform(0.30, 0.62)});
    }
    node.cyst_hu = static_cast<float>(random.Uniform(8, 30));
    node.rim_hu = node.hu + static_cast<float>(random.Uniform(15, 45));
  }
  if (random.Chance(0.35)) {
    const int count = random.Int(2, 6);
    for (int i = 0; i < count; ++i) {
      node.specks.push_back(
          {1.3 * inside(), 1.3 * inside(), 1.3 * inside(), random.Uniform(0.5, 0.9)});
    }
    node.speck_hu = static_cast<float>(random.Uniform(250, 520));
  }
}

float Ramp(float value) { return std::clamp(value, 0.0F, 1.0F); }

}  // namespace

NodeModel DrawNode(bool malignant, Random& random) {
  NodeModel node;
  node.malignant = malignant;
  DrawShape(node, random);
  if (malignant) {
    DrawMalignantTexture(node, random);
  } else {
    DrawBenignTexture(node, random);
  }
  return node;
}

double NodeModel::Reach() const {
  return (half_long + half_z * (std::abs(lean_x) + std::abs(lean_y))) * (1 + 2 * lobulation) + 1.5;
}

float NodeModel::DistanceAt(const Vec3& patient, float* texture_hu) const {
  const Vec3 d = patient - centre;
  const double x = d.x - lean_x * d.z, y = d.y - lean_y * d.z;
  const double along = x * cosine + y * sine, across = y * cosine - x * sine;
  const double u = along / half_long, v = across / half_short, w = d.z / half_z;
  const double r = std::sqrt(u * u + v * v + w * w);
  const auto& noise = SmoothNoise::Instance();
  const float px = static_cast<float>(d.x) + phase, py = static_cast<float>(d.y) + 2 * phase,
              pz = static_cast<float>(d.z);
  const double surface =
      1 + lobulation * static_cast<double>(noise.At(px * 0.35F, py * 0.35F, pz * 0.25F));
  const double gradient = std::sqrt(u * u / (half_long * half_long) +
                                    v * v / (half_short * half_short) + w * w / (half_z * half_z));
  const double distance =
      r < 0.05 ? half_short : std::min((surface - r) * r / gradient, half_short);
  if (distance <= -1 || texture_hu == nullptr) {
    return static_cast<float>(distance);
  }
  float value = hu;
  if (unevenness > 0) {
    value += unevenness * noise.At(px / patch_mm, py / patch_mm, pz / (1.6F * patch_mm));
  }
  if (hilum > 0) {
    // A lens along the long axis, and a gate from it to the surface where the vessels enter.
    const auto bend = noise.At(px * 0.45F, py * 0.45F, pz * 0.3F + 9);
    const auto end = static_cast<float>(std::sqrt(u * u + w * w));
    const auto off = std::abs(static_cast<float>(v) - hilum_shift - 0.10F * bend);
    const float lens = hilum * (1 - end * end * 1.7F) - off;
    const auto depth = static_cast<float>(v) * (hilum_shift < 0 ? -1 : 1);
    const float gate = std::min(0.55F * hilum - std::abs(static_cast<float>(u) + 0.12F * bend),
                                depth - std::abs(hilum_shift)) -
                       0.4F * static_cast<float>(std::abs(w)) * hilum;
    const auto half = static_cast<float>(half_short);
    value += (hilum_hu - value) *
             std::max(Ramp(lens * half * 0.9F + 0.5F), 0.7F * Ramp(gate * half + 0.5F));
  }
  for (const Ball& cyst : cysts) {
    const auto off = static_cast<float>(std::sqrt(
        (u - cyst.u) * (u - cyst.u) + (v - cyst.v) * (v - cyst.v) + (w - cyst.w) * (w - cyst.w)));
    const auto inside = static_cast<float>(cyst.radius) - off;
    value += (rim_hu - value) * 0.7F * Ramp(1 - std::abs(inside) * 6);
    value += (cyst_hu - value) * Ramp(inside * 6);
  }
  for (const Ball& speck : specks) {
    const double a = along - speck.u * half_long, b = across - speck.v * half_short,
                 c = d.z - speck.w * half_z;
    const auto off = static_cast<float>(std::sqrt(a * a + b * b + c * c * 0.3));
    value += speck_hu * Ramp((static_cast<float>(speck.radius) - off) * 1.6F + 0.4F);
  }
  *texture_hu = value;
  return static_cast<float>(distance);
}

}  // namespace necknode::phantom
