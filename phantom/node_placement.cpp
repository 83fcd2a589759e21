#include <algorithm>
#include <array>
#include <cmath>

#include "phantom/lymph_nodes.h"
#include "phantom/random.h"
#include "phantom/shapes.h"

namespace necknode::phantom {
namespace {

using enum Channel;

constexpr std::uint64_t kNodes = 11;

struct LevelShare {
  const char* level;
  double share;
};
constexpr std::array<LevelShare, 5> kLevels = {
    {{"II", 0.30}, {"III", 0.23}, {"IV", 0.17}, {"V", 0.17}, {"VI", 0.13}}};

const char* DrawLevel(Random& random) {
  double left = random.Uniform();
  for (const auto& level : kLevels) {
    left -= level.share;
    if (left < 0) {
      return level.level;
    }
  }
  return kLevels.front().level;
}

/// A place in the anatomy (voxels) that belongs to the level; whether there is room is asked later.
Vec3 DrawPlace(const std::string& level, bool right, Random& random) {
  const double sign = right ? 1 : -1;
  const auto& anatomy = Anatomy::Instance();
  if (level == "VI") {
    const double z = random.Uniform(kClavicleZ - 4, kHyoid.z - 2);
    const auto midline = static_cast<double>(MidlineX(static_cast<float>(z)));
    return {midline + sign * random.Uniform(2, 22), random.Uniform(90, 134), z};
  }
  if (level == "V") {
    const double z = random.Uniform(kClavicleZ + 6, kHyoid.z + 26);
    const double behind = anatomy.SternomastoidBack(z, right);
    const auto midline = static_cast<double>(MidlineX(static_cast<float>(z)));
    return {midline + sign * random.Uniform(30, 62), behind - random.Uniform(2, 34), z};
  }
  const double z = level == "II"    ? random.Uniform(kHyoid.z + 1, kSkullBaseZ - 4)
                   : level == "III" ? random.Uniform(kCricoid.z + 1, kHyoid.z - 1)
                                    : random.Uniform(kClavicleZ, kCricoid.z - 1);
  const auto vein = anatomy.Jugular(z, right);
  return {vein[0] + sign * random.Uniform(-14, 20), vein[1] + random.Uniform(-20, 20), z};
}

/// Tissues that a node must keep clear of, and by how many mm.
struct Clearance {
  Channel channel;
  float mm;
};
constexpr std::array<Clearance, 13> kClearances = {{{kBone, 0.6F},
                                                    {kTooth, 0.6F},
                                                    {kCartilage, 0.6F},
                                                    {kAirway, 1.5F},
                                                    {kLung, 2},
                                                    {kArtery, 0.5F},
                                                    {kVein, 0.5F},
                                                    {kThyroid, 0.6F},
                                                    {kParotid, 0.3F},
                                                    {kSubmandibular, 0.6F},
                                                    {kMucosa, 0.4F},
                                                    {kCanal, 1},
                                                    {kDisc, 0.5F}}};

enum class Room { kBlocked, kMuscle, kFree };

Room RoomAt(const Patient& patient, const Vec3& at) {
  const Vec3 q = patient.ToAnatomy(at);
  const auto x = static_cast<float>(q.x), y = static_cast<float>(q.y), z = static_cast<float>(q.z);
  SparseField::Sample sample;
  const auto& anatomy = Anatomy::Instance();
  anatomy.field().At(x, y, z, sample);
  for (const auto& [channel, mm] : kClearances) {
    const auto i = IndexOf(channel);
    if ((sample.present >> i & 1U) != 0 &&
        sample.distance_mm[i] + patient.Growth(channel, x) > -mm) {
      return Room::kBlocked;
    }
  }
  if (patient.DepthUnderSkin(anatomy.outline().At(x, y, z)) < 4) {
    return Room::kBlocked;
  }
  for (const auto channel : {kMuscleA, kMuscleB, kMuscleC, kMuscleD, kTongue}) {
    const auto i = IndexOf(channel);
    if ((sample.present >> i & 1U) != 0 &&
        sample.distance_mm[i] + patient.Growth(channel, x) > 0.6F) {
      return Room::kMuscle;
    }
  }
  return Room::kFree;
}

bool InsideImage(const NodeModel& node, const VolumeGrid& grid) {
  const Vec3 off = node.centre - grid.first.position;
  const double reach = node.Reach() + 2;
  const double width = (grid.columns - 1) * grid.column_spacing_mm,
               height = (grid.rows - 1) * grid.row_spacing_mm;
  const double depth = (grid.slices - 1) * grid.slice_spacing_mm;
  return off.x > reach && off.y > reach && off.x < width - reach && off.y < height - reach &&
         off.z > node.half_z * 1.1 && off.z < depth - node.half_z * 1.1;
}

bool ClearOfOthers(const NodeModel& node, const std::vector<NodeModel>& others) {
  return std::all_of(others.begin(), others.end(), [&](const NodeModel& other) {
    const Vec3 d = node.centre - other.centre;
    const double axial = std::sqrt(d.x * d.x + d.y * d.y);
    return axial > node.Reach() + other.Reach() - 1 ||
           std::abs(d.z) > (node.half_z + other.half_z) * 1.15 + 1;
  });
}

/// Samples the node's surface and inside; muscle may be indented a little, all else must be clear.
bool HasRoom(const NodeModel& node, const Patient& patient) {
  constexpr std::array<std::array<double, 2>, 9> kDisc = {{{0, 0},
                                                           {1, 0},
                                                           {-1, 0},
                                                           {0, 1},
                                                           {0, -1},
                                                           {0.71, 0.71},
                                                           {0.71, -0.71},
                                                           {-0.71, 0.71},
                                                           {-0.71, -0.71}}};
  int muscle = 0, count = 0;
  for (const double w : {0.0, 0.55, -0.55, 0.9, -0.9}) {
    const double ring = std::sqrt(1 - w * w) * (1 + node.lobulation);
    const double dz = w * node.half_z;
    for (const auto& [u, v] : kDisc) {
      const double along = u * ring * node.half_long, across = v * ring * node.half_short;
      const Vec3 at =
          node.centre + Vec3{along * node.cosine - across * node.sine + node.lean_x * dz,
                             along * node.sine + across * node.cosine + node.lean_y * dz,
                             dz};
      const Room room = RoomAt(patient, at);
      if (room == Room::kBlocked) {
        return false;
      }
      muscle += room == Room::kMuscle ? 1 : 0;
      ++count;
    }
  }
  return muscle * 100 <= count * 24;
}

/// Side and, along the jugular chain, level follow from where the node has come to lie: the hyoid's
/// and the cricoid's lower borders divide levels II, III and IV.
void SetSideAndLevel(NodeModel& node, const Vec3& place, bool right, const Patient& patient) {
  constexpr double kMidlineMm = 4;
  const double aside =
      (place.x - static_cast<double>(MidlineX(static_cast<float>(place.z)))) * kVoxelMm;
  if (node.level == "VI" && std::abs(aside) < kMidlineMm) {
    node.side = Side::kMidline;
  } else {
    node.side = right != patient.mirrored() ? Side::kRight : Side::kLeft;
  }
  if (node.level != "V" && node.level != "VI") {
    const double hyoid = patient.ToPatient(kHyoid).z, cricoid = patient.ToPatient(kCricoid).z;
    node.level = node.centre.z > hyoid ? "II" : node.centre.z > cricoid ? "III" : "IV";
  }
}

bool Place(NodeModel& node,
           const Patient& patient,
           const std::vector<NodeModel>& others,
           Random& random) {
  constexpr int kTries = 900;
  bool right = false;
  for (int i = 0; i < kTries; ++i) {
    if (i % 150 == 0) {
      node.level = DrawLevel(random);
      right = random.Chance(0.5);
      if (i >= 450) {
        node.half_long *= 0.92;
        node.half_short *= 0.92;
      }
    }
    const Vec3 place = DrawPlace(node.level, right, random);
    node.centre = patient.ToPatient(place);
    if (!InsideImage(node, patient.grid()) || RoomAt(patient, node.centre) != Room::kFree ||
        !ClearOfOthers(node, others) || !HasRoom(node, patient)) {
      continue;
    }
    SetSideAndLevel(node, place, right, patient);
    return true;
  }
  return false;
}

}  // namespace

std::vector<NodeModel> PlaceNodes(const PhantomOptions& options, const Patient& patient) {
  Random random(options.seed, kNodes);
  // Some patients have no visible nodes, some only benign ones.
  const double kind = random.Uniform();
  const double malignant_share = kind < 0.2 ? 0 : random.Uniform(0.2, 0.8);
  const int wanted = options.nodes >= 0 ? options.nodes : (kind < 0.06 ? 0 : random.Int(4, 14));
  std::vector<NodeModel> nodes;
  for (int i = 0; i < wanted; ++i) {
    Random own(options.seed, 1000 + static_cast<std::uint64_t>(i));
    // The first one is malignant in every patient who has any.
    const bool malignant = malignant_share > 0 && (i == 0 || own.Chance(malignant_share));
    NodeModel node = DrawNode(malignant, own);
    if (Place(node, patient, nodes, own)) {
      node.id = static_cast<int>(nodes.size()) + 1;
      nodes.push_back(std::move(node));
    }
  }
  return nodes;
}

}  // namespace necknode::phantom
