#include "phantom/lymph_nodes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "phantom/random.h"

namespace necknode::phantom {
namespace {

TEST(NodeModel, DistanceIsThatOfAnEllipsoidWithoutLobulation) {
  NodeModel node;
  node.lobulation = 0;
  node.half_long = 6;
  node.half_short = 4;
  node.half_z = 8;
  node.centre = {10, 20, 30};
  EXPECT_NEAR(node.DistanceAt({10 + 6, 20, 30}, nullptr), 0, 1e-5);
  EXPECT_NEAR(node.DistanceAt({10, 20 + 3, 30}, nullptr), 1, 1e-4);
  EXPECT_NEAR(node.DistanceAt({10, 20, 30 - 8}, nullptr), 0, 1e-5);
  EXPECT_LT(node.DistanceAt({10 + 9, 20, 30}, nullptr), -2);
}

TEST(DrawNode, GivesBenignNodesHilaAndMalignantOnesUnevenTexture) {
  Random random(3, 3);
  int hila = 0, cysts = 0, specks = 0;
  constexpr int kCount = 400;
  for (int i = 0; i < kCount; ++i) {
    const NodeModel benign = DrawNode(false, random), malignant = DrawNode(true, random);
    hila += benign.hilum > 0 ? 1 : 0;
    cysts += malignant.cysts.empty() ? 0 : 1;
    specks += malignant.specks.empty() ? 0 : 1;
    EXPECT_TRUE(benign.cysts.empty() && benign.specks.empty());
    EXPECT_EQ(malignant.hilum, 0);
    EXPECT_LT(benign.unevenness, 5);
    EXPECT_GT(malignant.unevenness, 15);
  }
  EXPECT_GT(hila, kCount * 7 / 10);
  EXPECT_GT(cysts, kCount * 4 / 10);
  EXPECT_GT(specks, kCount * 2 / 10);
}

TEST(DrawNode, SizesAndShapesOfTheClassesOverlap) {
  Random random(4, 4);
  std::map<bool, std::vector<double>> sizes, ratios;
  for (int i = 0; i < 1000; ++i) {
    for (const bool malignant : {false, true}) {
      const NodeModel node = DrawNode(malignant, random);
      sizes[malignant].push_back(2 * node.half_short);
      ratios[malignant].push_back(node.half_long / node.half_short);
    }
  }
  const auto quantile = [](std::vector<double> values, double q) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(q * static_cast<double>(values.size()))];
  };
  EXPECT_LT(quantile(sizes[true], 0.25), quantile(sizes[false], 0.6));
  EXPECT_LT(quantile(ratios[false], 0.25), quantile(ratios[true], 0.7));
  EXPECT_LT(quantile(ratios[false], 0.999), 1.9);
}

/// Points well inside a node.
std::vector<Vec3> Inside(const NodeModel& node) {
  std::vector<Vec3> points;
  for (double dz = -node.half_z; dz <= node.half_z; dz += 1.5) {
    for (double dy = -node.half_long; dy <= node.half_long; dy += 1) {
      for (double dx = -node.half_long; dx <= node.half_long; dx += 1) {
        const Vec3 at = node.centre + Vec3{dx + node.lean_x * dz, dy + node.lean_y * dz, dz};
        if (node.DistanceAt(at, nullptr) > 0.2F) {
          points.push_back(at);
        }
      }
    }
  }
  return points;
}

TEST(PlacedNodes, KeepClearOfBoneAirwayVesselsAndOneAnother) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}) {
    PhantomOptions options;
    options.seed = seed;
    const Patient patient(options);
    const auto nodes = PlaceNodes(options, patient);
    for (const NodeModel& node : nodes) {
      for (const Vec3& at : Inside(node)) {
        const Vec3 q = patient.ToAnatomy(at);
        const auto x = static_cast<float>(q.x), y = static_cast<float>(q.y),
                   z = static_cast<float>(q.z);
        for (const Channel channel : {Channel::kBone,
                                      Channel::kAirway,
                                      Channel::kArtery,
                                      Channel::kVein,
                                      Channel::kThyroid,
                                      Channel::kCartilage}) {
          const float depth =
              Anatomy::Instance().field().DistanceTo(channel, x, y, z) + patient.Growth(channel, x);
          ASSERT_LT(depth, 0.5F) << "node " << node.id << " in channel " << IndexOf(channel);
        }
        for (const NodeModel& other : nodes) {
          ASSERT_TRUE(other.id == node.id || other.DistanceAt(at, nullptr) < 0)
              << "nodes " << node.id << " and " << other.id;
        }
      }
    }
  }
}

TEST(PlacedNodes, LieOnTheSideAndAtTheLevelThatTheyName) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}) {
    PhantomOptions options;
    options.seed = seed;
    const Patient patient(options);
    const double hyoid = patient.ToPatient(kHyoid).z, cricoid = patient.ToPatient(kCricoid).z;
    for (const NodeModel& node : PlaceNodes(options, patient)) {
      const double middle = patient.ToPatient({123, 100, patient.ToAnatomy(node.centre).z}).x;
      if (std::abs(node.centre.x - middle) > 12) {
        EXPECT_EQ(node.side, node.centre.x > middle ? Side::kLeft : Side::kRight);
      }
      if (node.level == "II") {
        EXPECT_GT(node.centre.z, hyoid);
      } else if (node.level == "III") {
        EXPECT_TRUE(node.centre.z <= hyoid && node.centre.z > cricoid);
      } else if (node.level == "IV") {
        EXPECT_LE(node.centre.z, cricoid);
      } else if (node.level == "VI") {
        EXPECT_LT(std::abs(node.centre.x - middle), 45);
      } else {
        EXPECT_EQ(node.level, "V");
      }
    }
  }
}

TEST(PlaceNodes, FindsRoomForMostOfFourteenNodesOnAllLevels) {
  std::set<std::string> levels;
  int placed = 0;
  for (int seed = 1; seed <= 10; ++seed) {
    PhantomOptions options;
    options.seed = static_cast<std::uint64_t>(seed);
    options.nodes = 14;
    const auto nodes = PlaceNodes(options, Patient(options));
    placed += static_cast<int>(nodes.size());
    for (const NodeModel& node : nodes) {
      levels.insert(node.level);
    }
  }
  EXPECT_GE(placed, 126);
  EXPECT_EQ(levels, (std::set<std::string>{"II", "III", "IV", "V", "VI"}));
}

TEST(PlaceNodes, MakesSomePatientsHealthyAndSomeWhollyBenign) {
  int none = 0, benign = 0, malignant = 0;
  for (int seed = 1; seed <= 60; ++seed) {
    PhantomOptions options;
    options.seed = static_cast<std::uint64_t>(seed);
    const auto nodes = PlaceNodes(options, Patient(options));
    const bool any =
        std::any_of(nodes.begin(), nodes.end(), [](const NodeModel& n) { return n.malignant; });
    none += nodes.empty() ? 1 : 0;
    benign += !nodes.empty() && !any ? 1 : 0;
    malignant += any ? 1 : 0;
    EXPECT_LE(nodes.size(), 14U);
  }
  EXPECT_GE(none, 1);
  EXPECT_GE(benign, 4);
  EXPECT_GE(malignant, 40);
}

}  // namespace
}  // namespace necknode::phantom
