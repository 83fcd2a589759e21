#include "phantom/phantom.h"

#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include "core/digest.h"
#include "core/error.h"

namespace necknode::phantom {
namespace {

PhantomOptions Small(std::uint64_t seed) {
  PhantomOptions options;
  options.seed = seed;
  options.slices = 40;
  options.slice_spacing_mm = 4;
  options.size = 256;
  options.pixel_spacing_mm = 0.85;
  return options;
}

std::string DigestOf(const Phantom& phantom, int slice) {
  return Sha256Of(std::as_bytes(phantom.volume.Slice(slice)));
}

std::string DigestOf(const Phantom& phantom) {
  return Sha256Of(std::as_bytes(phantom.volume.voxels()));
}

TEST(MakePhantom, GivesTheSameBytesForASeedOnEveryMachine) {
  PhantomOptions options;
  options.seed = 7;
  options.slices = 40;
  options.size = 128;
  options.pixel_spacing_mm = 1.5;
  const Phantom phantom = MakePhantom(options);
  EXPECT_EQ(DigestOf(phantom, 20),
            "6e73e06a94231e2bf5eaf66e58310c2b40e9b0365112c61f53ce11a01a46aef8")
      << "raise kGeneratorVersion when this is meant";
}

TEST(MakePhantom, IsTheSameWhenMadeOnManyThreadsAtOnce) {
  const std::string alone = DigestOf(MakePhantom(Small(3)));
  std::array<std::string, 3> digests;
  {
    std::vector<std::jthread> threads;
    for (std::string& digest : digests) {
      threads.emplace_back([&digest] { digest = DigestOf(MakePhantom(Small(3))); });
    }
  }
  for (const std::string& digest : digests) {
    EXPECT_EQ(digest, alone);
  }
}

TEST(MakePhantom, DiffersBetweenSeeds) {
  EXPECT_NE(DigestOf(MakePhantom(Small(1))), DigestOf(MakePhantom(Small(2))));
}

TEST(MakePhantom, RefusesWhatItCannotMake) {
  const auto refused = [](auto change) {
    PhantomOptions options;
    change(options);
    try {
      static_cast<void>(MakePhantom(options));
    } catch (const Error& error) {
      return error.code() == ErrorCode::kInvalidArgument ? std::string(error.what()) : "";
    }
    return std::string();
  };
  EXPECT_NE(refused([](auto& o) { o.slices = 39; }).find("slices are 39, must be 40 to 200"),
            std::string::npos);
  EXPECT_NE(refused([](auto& o) { o.slices = 201; }).find("201"), std::string::npos);
  EXPECT_NE(refused([](auto& o) { o.slice_spacing_mm = std::nan(""); }), "");
  EXPECT_NE(refused([](auto& o) { o.pixel_spacing_mm = -1; }), "");
  EXPECT_NE(refused([](auto& o) { o.size = 0; }), "");
  EXPECT_NE(refused([](auto& o) { o.nodes = 41; }), "");
}

TEST(MakePhantom, MakesTheLongestAndShortestScans) {
  for (const int slices : {40, 200}) {
    PhantomOptions options;
    options.slices = slices;
    options.size = 64;
    options.pixel_spacing_mm = 1.5;
    const Phantom phantom = MakePhantom(options);
    EXPECT_EQ(phantom.volume.grid().slices, slices);
    EXPECT_EQ(phantom.volume.grid().slice_spacing_mm, 2.0);
    if (slices == 200) {
      EXPECT_GT(phantom.hyoid_slice, phantom.cricoid_slice);
      EXPECT_GT(phantom.cricoid_slice, 0);
    }
  }
}

TEST(MakePhantom, LooksLikeANeckToAHistogram) {
  const Phantom phantom = MakePhantom(Small(5));
  int air = 0, fat = 0, soft = 0, bone = 0;
  for (const std::int16_t hu : phantom.volume.voxels()) {
    air += hu < -800 ? 1 : 0;
    fat += hu > -140 && hu < -60 ? 1 : 0;
    soft += hu > 20 && hu < 110 ? 1 : 0;
    bone += hu > 350 ? 1 : 0;
  }
  const auto count = static_cast<double>(phantom.volume.voxels().size());
  EXPECT_GT(air / count, 0.3);
  EXPECT_GT(fat / count, 0.04);
  EXPECT_GT(soft / count, 0.08);
  EXPECT_GT(bone / count, 0.01);
}

TEST(PhantomTruth, BoxesHoldEnhancingTissueInsideTheBody) {
  for (const std::uint64_t seed : {2U, 6U, 7U, 12U}) {
    const Phantom phantom = MakePhantom(Small(seed));
    const auto& grid = phantom.volume.grid();
    for (const TrueNode& node : phantom.nodes) {
      ASSERT_FALSE(node.boxes.empty());
      for (const auto& [slice, box] : node.boxes) {
        ASSERT_TRUE(box.x0 >= 0 && box.y0 >= 0 && box.x1 <= grid.columns && box.y1 <= grid.rows);
        double sum = 0;
        int count = 0;
        for (int y = static_cast<int>(box.y0); y < static_cast<int>(box.y1); ++y) {
          for (int x = static_cast<int>(box.x0); x < static_cast<int>(box.x1); ++x) {
            const double u = (x + 0.5 - box.CentreX()) / box.Width(),
                         v = (y + 0.5 - box.CentreY()) / box.Height();
            const int hu = phantom.volume.At(x, y, slice);
            EXPECT_GT(hu, -400) << "air in the box of node " << node.id;
            if (u * u + v * v < 0.2) {
              sum += hu;
              ++count;
            }
          }
        }
        EXPECT_GT(sum / count, -20) << "node " << node.id << " slice " << slice;
      }
    }
  }
}

TEST(PhantomTruth, SidesSlicesAndDiametersFitTheBoxes) {
  for (const std::uint64_t seed : {2U, 6U, 7U, 12U}) {
    const Phantom phantom = MakePhantom(Small(seed));
    const auto& grid = phantom.volume.grid();
    for (const TrueNode& node : phantom.nodes) {
      int last = -1;
      double largest = 0;
      for (const auto& [slice, box] : node.boxes) {
        EXPECT_TRUE(last < 0 || slice == last + 1) << "a node has no gaps";
        last = slice;
        largest = std::max({largest, box.Width(), box.Height()});
        // The image's left half is the patient's right.
        const double off = (box.CentreX() - grid.columns / 2.0) * grid.column_spacing_mm;
        if (std::abs(off) > 25) {
          EXPECT_EQ(node.side, off < 0 ? Side::kRight : Side::kLeft) << "node " << node.id;
        }
      }
      EXPECT_LE(node.short_axis_mm, node.long_axis_mm);
      EXPECT_NEAR(
          node.long_axis_mm, largest * grid.column_spacing_mm, 0.3 * node.long_axis_mm + 0.85);
      EXPECT_TRUE(node.short_axis_mm > 3 && node.long_axis_mm < 18);
    }
  }
}

TEST(MakePhantom, NodesHaveThePapersSizesAtFullResolution) {
  int boxes = 0, small = 0;
  for (const std::uint64_t seed : {7U, 12U}) {
    PhantomOptions options;
    options.seed = seed;
    options.slices = 60;
    const Phantom phantom = MakePhantom(options);
    EXPECT_GE(phantom.nodes.size(), 4U);
    for (const TrueNode& node : phantom.nodes) {
      EXPECT_LE(node.boxes.size(), 12U);
      for (const auto& [slice, box] : node.boxes) {
        const double share = box.Area() / (options.size * options.size);
        EXPECT_LT(share, 0.005);
        EXPECT_TRUE(box.Width() <= 2 * box.Height() && box.Height() <= 2 * box.Width());
        small += share < 0.002 ? 1 : 0;
        ++boxes;
      }
    }
  }
  EXPECT_GT(small * 10, boxes * 6) << small << " of " << boxes;
}

}  // namespace
}  // namespace necknode::phantom
