#include "phantom/shapes.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace necknode::phantom {
namespace {

using enum Channel;

constexpr std::array<std::array<float, 2>, 10> kMidline = {{{0, 117},
                                                            {30, 117},
                                                            {45, 120},
                                                            {58, 121},
                                                            {72, 122},
                                                            {80, 123},
                                                            {87, 126},
                                                            {98, 127},
                                                            {114, 125},
                                                            {130, 124}}};

// Placed by eye against the atlas's labels, slice by slice: vertebrae, larynx, mandible and vessels
// fix where these lie.
const std::vector<Tube>& Tubes() {
  static const std::vector<Tube> tubes = {
      // Airway: trachea, subglottis, glottis (a slit), supraglottis, oropharynx, nasopharynx.
      {kAirway,
       false,
       {{0, 8, 82, 8, 7},          {12, 8, 86, 8, 7.5F},     {20, 5, 93, 8.5F, 7.5F},
        {30, 1, 92, 8.5F, 8},      {45, 3, 99, 8.5F, 8},     {52, 1, 106, 8.5F, 8.5F},
        {58, 0, 112, 8.5F, 8.5F},  {64, 0, 116, 8.5F, 9.5F}, {68, 0, 116, 6, 9.5F},
        {72, 0, 117, 2.5F, 10},    {75, 0, 117, 3.5F, 10},   {78, 0, 117, 6, 9.5F},
        {83, 0, 117, 9, 8},        {88, 0, 117, 12, 6.5F},   {92, 0, 117, 13, 7},
        {98, 0, 115.5F, 13, 5.5F}, {106, -1, 115, 12, 5},    {114, 0, 116, 10, 5},
        {122, 0, 120, 9.5F, 6},    {130, 0, 126, 10, 8},     {139, 0, 134, 9, 9}}},
      {kAirway,
       true,
       {{72, 11, 112, 1.5F, 2.5F},
        {78, 12, 112, 2.5F, 5},
        {83, 12.5F, 113, 3, 5.5F},
        {88, 12, 115, 3, 4}}},
      {kAirway, false, {{88, 0, 125, 5, 1.5F}, {92, 0, 125, 8, 2}, {96, 0, 124, 6, 2}}},
      {kAirway, true, {{124, 5, 165, 2.5F, 24}, {132, 5, 165, 3.5F, 24}, {142, 4, 165, 3, 22}}},
      {kAirway, true, {{122, 27, 160, 8, 9}, {132, 28, 162, 11, 13}, {144, 28, 163, 9, 11}}},
      {kFold,
       false,
       {{80, 0, 120, 4, 2.5F},
        {86, 0, 121.5F, 8.5F, 1.4F},
        {93, 0, 121, 9, 1.3F},
        {97, 0, 119, 6, 1.2F}}},
      {kFold, false, {{104, 0, 119, 3.5F, 3}, {112, 0, 121, 6, 3}, {117, 0, 123, 10, 3}}},
      {kMucosa,
       false,
       {{64, 0, 115, 11, 11},
        {67, 0, 115, 13, 12},
        {72, 0, 117, 13.5F, 13},
        {80, 0, 119, 14.5F, 14},
        {86, 0, 118, 17, 11},
        {92, 0, 117, 17.5F, 11},
        {98, 0, 115, 17, 9.5F},
        {106, -1, 115, 16.5F, 9},
        {114, 0, 116, 15, 9},
        {122, 0, 120, 14, 10},
        {130, 0, 126, 14, 12},
        {138, 0, 131, 13, 12}}},
      {kMucosa,
       false,
       {{0, 8, 82, 9.7F, 8.7F},
        {12, 8, 86, 9.7F, 9.2F},
        {20, 5, 93, 10.2F, 9.2F},
        {30, 1, 92, 10.2F, 9.7F},
        {45, 3, 99, 10.2F, 9.7F},
        {52, 1, 106, 10.2F, 10.2F},
        {60, 0, 113, 10.2F, 10.2F}}},
      {kMucosa,
       false,
       {{0, 2, 70, 7, 5},
        {6, 2, 72, 7, 5},
        {20, -4, 80, 7, 5},
        {30, -6, 79, 7, 4.5F},
        {45, -4, 88.5F, 7, 3.5F},
        {56, -2, 100, 7.5F, 3},
        {66, 0, 104, 9, 2.5F}}},
      {kMucosa,
       true,
       {{94, 14, 118, 3, 4},
        {100, 15, 117, 4.5F, 6.5F},
        {108, 14, 118, 4, 7},
        {112, 13, 119, 3, 5}}},
      // Tongue and floor of the mouth.
      {kTongue,
       false,
       {{92, 0, 138, 13, 12},
        {98, 0, 144, 18, 20},
        {106, 0, 147, 20, 24},
        {114, 0, 149, 19, 24},
        {119, 0, 150, 16, 20}}},
      {kMuscleC,
       true,
       {{80, 4.2F, 157, 3.3F, 9},
        {84, 4.4F, 155, 3.7F, 12},
        {90, 4.5F, 152, 3.8F, 13},
        {95, 5, 148, 4, 12}}},
      {kMuscleD,
       true,
       {{82, 13, 156, 8, 1.8F, -1.2F},
        {87, 15, 153, 12, 1.8F, -1.4F},
        {92, 19, 150, 15, 1.8F, -1.8F},
        {97, 22, 149, 14, 1.8F, -2.5F}}},
      {kMuscleB,
       true,
       {{76, 7, 163, 4.5F, 7},
        {80, 8, 161, 5, 8, 0.2F},
        {84, 11, 156, 5, 8, 0.4F},
        {88, 16, 149, 4, 6}}},
      {kSubmandibular,
       true,
       {{81, 24, 136, 6, 7}, {86, 25, 134, 8, 10}, {93, 27, 132, 9, 11}, {100, 30, 130, 6, 8}}},
      // Muscles of mastication and the digastric's posterior belly; the styloid process.
      {kMuscleB,
       true,
       {{100, 27, 134, 4, 8},
        {108, 28, 133, 4.5F, 11},
        {118, 29, 134, 5.5F, 12},
        {128, 25, 140, 5, 9}}},
      {kMuscleC, true, {{118, 35, 141, 6, 5}, {126, 34, 141, 8, 7}, {134, 33, 141, 8, 8}}},
      {kMuscleC,
       true,
       {{97, 30, 123, 3.5F, 3.5F},
        {106, 37, 118, 3.5F, 4.5F},
        {114, 45, 112, 3.5F, 6},
        {123, 50, 106, 3, 6}}},
      {kBone,
       true,
       {{108, 31, 124, 1.2F, 1.2F}, {120, 35, 117, 1.8F, 1.8F}, {132, 38, 110, 2.4F, 2.4F}}},
      // Prevertebral, strap and scalene muscles, levator scapulae.
      {kMuscleD,
       true,
       {{18, 8, 63, 5, 3},
        {30, 8, 69, 5, 3},
        {45, 9, 86, 6, 3.5F},
        {58, 9, 96, 7, 3.5F},
        {72, 9, 101, 7.5F, 4},
        {87, 8, 104, 7.5F, 4},
        {98, 9, 106, 7, 4},
        {114, 8, 108, 7, 4},
        {127, 7, 110, 6, 4}}},
      {kMuscleD,
       true,
       {{36, 9, 126, 8, 2.2F},
        {45, 9, 123, 8, 2.3F},
        {58, 10, 126, 7.5F, 2.3F, -0.2F},
        {64, 11, 128, 7, 2.3F, -0.4F},
        {72, 12, 129, 6, 2.5F, -0.7F},
        {80, 11, 133, 5.5F, 2.5F, -0.9F},
        {87, 9, 138, 5, 2.5F, -0.5F}}},
      {kMuscleB,
       true,
       {{36, 11, 121, 8, 1.8F},
        {45, 12, 118, 8, 1.8F, -0.3F},
        {58, 15, 121, 6, 1.8F, -0.6F},
        {66, 17, 118, 4.5F, 2, -1.5F},
        {76, 18, 116, 4, 2.2F, -2}}},
      {kMuscleC,
       true,
       {{42, 40, 105, 5, 4},
        {50, 37, 101, 5, 5},
        {58, 34, 94, 6, 5},
        {66, 30, 89, 5.5F, 4.5F},
        {72, 28, 91, 5, 4},
        {80, 26, 94, 4, 3},
        {86, 24, 96, 3, 2.5F}}},
      {kMuscleD,
       true,
       {{42, 48, 86, 6, 6},
        {50, 45, 84, 7, 8},
        {58, 42, 82, 7, 8},
        {64, 41, 80, 6.5F, 7},
        {72, 39, 80, 6, 7},
        {80, 35, 84, 6, 6},
        {90, 30, 86, 5, 5},
        {102, 29, 88, 3.5F, 3.5F}}},
      {kMuscleB,
       true,
       {{40, 54, 20, 7, 9},
        {46, 52, 22, 7, 10},
        {58, 42, 34, 6, 9},
        {64, 40, 39, 7, 11},
        {72, 39, 55, 7.5F, 14},
        {80, 36, 64, 6, 10},
        {87, 34, 70, 6, 11},
        {98, 34, 78, 5.5F, 8.5F},
        {110, 36, 85, 5, 6},
        {122, 37, 93, 4.5F, 5},
        {130, 36, 96, 3.5F, 4}}},
      // Deep muscles along the laminae; longissimus beside them; below the occiput the obliques.
      {kMuscleB,
       true,
       {{0, 14, 4, 9, 8},
        {20, 14, 20, 9, 8},
        {30, 14, 25, 9, 8},
        {45, 15, 38, 10, 9},
        {58, 14, 48, 10, 9},
        {72, 14, 58, 9.5F, 8},
        {87, 14, 66, 9.5F, 7, -0.2F},
        {98, 14, 68, 9.5F, 6.5F},
        {114, 14, 68, 9, 7},
        {124, 13, 68, 8, 6}}},
      {kMuscleA,
       true,
       {{20, 30, 18, 8, 7},
        {45, 31, 38, 7, 7},
        {58, 29, 50, 6, 7},
        {72, 27, 62, 5, 7},
        {87, 26, 72, 4, 6},
        {98, 26, 76, 4, 6},
        {114, 30, 82, 4.5F, 5},
        {126, 36, 88, 4, 4}}},
      {kMuscleA,
       true,
       {{116, 20, 76, 10, 4, 0.5F}, {124, 24, 80, 11, 4, 0.6F}, {130, 26, 80, 10, 4, 0.4F}}},
      // Shoulder girdle and chest wall.
      {kBone,
       true,
       {{0, 78, 16, 22, 2, 0.45F},
        {20, 80, 25, 25, 2, 0.5F},
        {40, 84, 40, 22, 2.2F, 0.5F},
        {54, 90, 52, 12, 2.6F, 0.4F}}},
      {kMuscleC,
       true,
       {{0, 80, 9, 24, 6, 0.45F}, {20, 83, 17, 26, 6, 0.5F}, {45, 88, 33, 20, 6, 0.5F}}},
      {kMuscleD,
       true,
       {{0, 77, 23, 22, 4.5F, 0.45F}, {20, 78, 33, 22, 5, 0.5F}, {42, 84, 49, 18, 5, 0.5F}}},
      {kMuscleB,
       true,
       {{44, 80, 58, 20, 8, 0.3F},
        {52, 78, 55, 24, 11, 0.3F},
        {62, 78, 53, 22, 10, 0.3F},
        {70, 82, 52, 16, 7, 0.3F}}},
      {kMuscleA, true, {{0, 120, 62, 11, 34}, {50, 120, 62, 12, 30}, {62, 116, 62, 8, 22}}},
      {kBone, true, {{30, 112, 72, 13, 13}, {45, 112, 74, 17, 17}, {58, 110, 75, 10, 10}}},
      {kMuscleB,
       true,
       {{0, 58, 147, 40, 7, -0.3F}, {20, 60, 144, 36, 6, -0.4F}, {33, 62, 139, 28, 4.5F, -0.4F}}},
      {kMuscleA,
       true,
       {{0, 50, 68, 48, 60},
        {12, 48, 68, 43, 55},
        {20, 46, 66, 40, 50},
        {30, 43, 64, 34, 42},
        {40, 41, 64, 25, 30},
        {47, 41, 66, 18, 20},
        {54, 41, 68, 9, 10}}},
      {kLung,
       true,
       {{0, 50, 68, 42, 54},
        {12, 48, 68, 37, 49},
        {20, 46, 66, 34, 44},
        {30, 43, 64, 28, 36},
        {40, 41, 64, 19, 24},
        {47, 41, 66, 12, 14},
        {52, 41, 68, 6, 7}}},
      // Spine: what the labels leave open between the vertebrae, and the canal.
      {kDisc,
       false,
       {{0, -3, 38, 13, 12},
        {20, -3, 50, 12.5F, 12},
        {30, -1, 57, 12.5F, 11},
        {45, 0, 73, 13, 11},
        {58, 0, 86, 12, 8.5F},
        {72, 0, 92, 12, 8},
        {87, -4, 94, 11.5F, 8},
        {98, -2, 97, 11, 7.5F},
        {108, 0, 97, 9, 6.5F}}},
      {kCanal,
       false,
       {{0, -3, 24, 8, 6},
        {12, -3, 30, 8, 6},
        {20, -1, 34, 8, 6},
        {30, -2, 38, 9, 6.5F},
        {45, -1, 56, 9.5F, 6.5F},
        {58, -2, 66, 10.5F, 6.5F},
        {72, -2, 78, 11.5F, 6.5F},
        {80, -4, 80, 12, 6.5F},
        {87, -5, 80, 12.5F, 6.5F},
        {98, -3, 82, 12, 6.5F},
        {106, 0, 82, 12, 6.5F},
        {114, -1, 85, 12, 7.5F},
        {122, -1, 86, 12, 8.5F},
        {130, -1, 89, 13, 10},
        {138, -1, 91, 14, 12},
        {146, -1, 93, 15, 14}}},
      {kBrain,
       false,
       {{141, 0, 92, 30, 22},
        {148, 0, 92, 48, 30},
        {156, 0, 105, 58, 52},
        {166, 0, 115, 62, 72},
        {185, 0, 120, 64, 82},
        {205, 0, 120, 60, 78},
        {222, 0, 120, 40, 55}}},
      // Veins and arteries that the atlas leaves out: external and anterior jugular, facial,
      // retromandibular, deep
      // cervical, superior thyroid, lingual, transverse cervical.
      {kVein,
       true,
       {{52, 50, 98, 2, 2},
        {64, 52, 106, 2.2F, 2.2F},
        {80, 53, 108, 2.2F, 2.2F},
        {94, 55, 112, 2, 2},
        {104, 54, 117, 2, 2}}},
      {kVein,
       true,
       {{42, 8, 131, 1.8F, 1.8F}, {60, 9, 132.5F, 1.6F, 1.6F}, {76, 10, 139, 1.4F, 1.4F}}},
      {kVein,
       true,
       {{84, 33, 128, 2.2F, 2.2F},
        {92, 37, 138, 1.8F, 1.8F},
        {102, 43, 152, 1.6F, 1.6F},
        {116, 40, 166, 1.4F, 1.4F}}},
      {kVein,
       true,
       {{102, 52, 118, 2.2F, 2.2F}, {112, 54, 120, 2.4F, 2.4F}, {124, 54, 124, 2.2F, 2.2F}}},
      {kVein,
       true,
       {{56, 22, 58, 1.5F, 1.5F},
        {76, 22, 66, 1.6F, 1.6F},
        {100, 23, 70, 1.8F, 1.8F},
        {120, 24, 74, 1.8F, 1.8F}}},
      {kArtery,
       true,
       {{64, 18.5F, 112, 1.3F, 1.3F}, {76, 20, 117, 1.4F, 1.4F}, {88, 23, 113, 1.6F, 1.6F}}},
      {kArtery,
       true,
       {{92, 25, 116, 1.6F, 1.6F}, {97, 22, 128, 1.6F, 1.4F}, {104, 16, 144, 1.4F, 1.4F}}},
      {kArtery,
       true,
       {{94, 24, 113, 1.7F, 1.7F}, {100, 33, 128, 1.6F, 1.6F}, {96, 38, 136, 1.6F, 1.6F}}},
      {kArtery,
       true,
       {{54, 30, 104, 1.5F, 1.5F}, {57, 48, 92, 1.6F, 1.6F}, {60, 64, 72, 1.5F, 1.5F}}},
  };
  return tubes;
}

Section Interpolate(const std::vector<Section>& sections, float z) {
  std::size_t next = 1;
  while (next + 1 < sections.size() && sections[next].z < z) {
    ++next;
  }
  const Section& a = sections[next - 1];
  const Section& b = sections[next];
  const float t = std::clamp((z - a.z) / (b.z - a.z), 0.0F, 1.0F);
  const auto mix = [t](float from, float to) { return from + (to - from) * t; };
  return {z,
          mix(a.dx, b.dx),
          mix(a.y, b.y),
          mix(a.half_x, b.half_x),
          mix(a.half_y, b.half_y),
          mix(a.slope, b.slope)};
}

void RaiseByEllipse(const Section& section, float side, float shrink, DenseField& field) {
  const float centre_x = MidlineX(section.z) + side * section.dx;
  const float slope = side * section.slope;
  const float norm = 1 / std::sqrt(1 + slope * slope);
  const float half_x = section.half_x * shrink, half_y = section.half_y * shrink;
  const float reach = std::max(half_x, half_y) + 7;
  const int z = static_cast<int>(section.z);
  for (int y = static_cast<int>(std::floor(section.y - reach));
       y <= static_cast<int>(section.y + reach) + 1;
       ++y) {
    for (int x = static_cast<int>(std::floor(centre_x - reach));
         x <= static_cast<int>(centre_x + reach) + 1;
         ++x) {
      const float px = static_cast<float>(x) - centre_x, py = static_cast<float>(y) - section.y;
      const float u = (px + slope * py) * norm / half_x, v = (py - slope * px) * norm / half_y;
      // First-order distance to the ellipse: (1 - r) r / |grad| with r^2 = u^2 + v^2; exact on its
      // axes.
      const float r = std::sqrt(u * u + v * v);
      const float gradient = std::sqrt(u * u / (half_x * half_x) + v * v / (half_y * half_y));
      const float distance = r < 0.02F ? std::min(half_x, half_y)
                                       : std::min((1 - r) * r / gradient, std::min(half_x, half_y));
      field.Raise(x, y, z, distance * static_cast<float>(kVoxelMm));
    }
  }
}

}  // namespace

std::span<const Tube> HandDrawnTubes() { return Tubes(); }

float MidlineX(float z) {
  std::size_t next = 1;
  while (next + 1 < kMidline.size() && kMidline[next][0] < z) {
    ++next;
  }
  const auto& [z0, x0] = kMidline[next - 1];
  const auto& [z1, x1] = kMidline[next];
  return x0 + (x1 - x0) * std::clamp((z - z0) / (z1 - z0), 0.0F, 1.0F);
}

void RaiseByTube(const Tube& tube, DenseField& field) {
  const float low = tube.sections.front().z, high = tube.sections.back().z;
  for (int z = static_cast<int>(low) - 3; z <= static_cast<int>(high) + 3; ++z) {
    const float at = static_cast<float>(z);
    Section section = Interpolate(tube.sections, at);
    // Beyond its first and last section a tube ends like a ball, at most four slices on.
    const float beyond = std::max({low - at, at - high, 0.0F}) * static_cast<float>(kSliceMm);
    const float cap = std::clamp(std::min(section.half_x, section.half_y), 1.0F, 5.0F);
    if (beyond >= cap) {
      continue;
    }
    const float shrink = std::sqrt(1 - (beyond / cap) * (beyond / cap));
    RaiseByEllipse(section, 1, shrink, field);
    if (tube.mirrored) {
      RaiseByEllipse(section, -1, shrink, field);
    }
  }
}

void RaiseByTeeth(DenseField& field) {
  struct Row {
    float front_y, centre_z;
  };
  constexpr std::array<Row, 2> kRows = {{{175, 97.5F}, {178, 107.5F}}};
  constexpr float kHalfHeight = 5.5F, kHalfWidth = 3.4F;
  for (const Row& row : kRows) {
    for (int tooth = -7; tooth <= 7; ++tooth) {
      // Molars stand farther back on a parabola; steps along it of about a tooth's width.
      const float n = static_cast<float>(tooth);
      const float dx = n * (4.6F - 0.12F * std::abs(n));
      const float y = row.front_y - dx * dx * 0.042F;
      for (int z = static_cast<int>(row.centre_z - kHalfHeight);
           z <= static_cast<int>(row.centre_z + kHalfHeight);
           ++z) {
        const float t = (static_cast<float>(z) - row.centre_z) / kHalfHeight;
        const float shrink = std::sqrt(std::max(0.02F, 1 - t * t * t * t));
        RaiseByEllipse({static_cast<float>(z), dx, y, kHalfWidth, kHalfWidth}, 1, shrink, field);
      }
    }
  }
}

}  // namespace necknode::phantom
