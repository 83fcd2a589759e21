// The shipped package on a GPU beside the CPU. Skipped where LibTorch sees no GPU.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include <gtest/gtest.h>

#include "models/inference.h"
#include "phantom/phantom.h"

namespace necknode::training {
namespace {

constexpr double kSameBox = 0.9;         // intersection over union
constexpr double kNearThreshold = 0.01;  // of the score: such a box may be found by one alone

struct Analysed {
  std::vector<std::vector<Detection>> slices;
  double slices_a_second = 0;
};

Analysed AnalyseAll(models::Inference& inference, const Volume& volume) {
  Analysed all;
  // The first slice has a size that the warm-up had not.
  (void)inference.Analyse(volume, volume.grid().slices / 2);
  const auto start = std::chrono::steady_clock::now();
  for (int z = 0; z < volume.grid().slices; ++z) {
    all.slices.push_back(inference.Analyse(volume, z));
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  all.slices_a_second = volume.grid().slices / seconds.count();
  return all;
}

/// What `detections` has at `box`, or null.
const Detection* At(const std::vector<Detection>& detections, const Box& box) {
  for (const Detection& detection : detections) {
    if (IntersectionOverUnion(detection.box, box) >= kSameBox) {
      return &detection;
    }
  }
  return nullptr;
}

struct Differences {
  double score = 0, probability = 0, edge_px = 0;
};

Differences Between(const models::Package& package, const Detection& a, const Detection& b) {
  return {std::abs(a.score - b.score),
          std::abs(models::CalibratedProbability(package, a.malignant_logit) -
                   models::CalibratedProbability(package, b.malignant_logit)),
          std::max({std::abs(a.box.x0 - b.box.x0),
                    std::abs(a.box.y0 - b.box.y0),
                    std::abs(a.box.x1 - b.box.x1),
                    std::abs(a.box.y1 - b.box.y1)})};
}

TEST(InferenceOnCuda, FindsAndJudgesAsOnTheCpu) {
  const auto package = models::LoadPackage(NECKNODE_SOURCE_DIR "/models/packages/phantom/2");
  models::Inference gpu(package, "auto");
  if (!gpu.device().starts_with("cuda")) {
    GTEST_SKIP() << "LibTorch sees no GPU";
  }
  models::UseAllCpus();
  models::Inference cpu(package, "cpu");
  int detections = 0, one_alone = 0;
  Differences worst;
  for (const std::uint64_t seed : {7U, 400001U, 400002U}) {
    const auto made = phantom::MakePhantom({.seed = seed});
    const Analysed here = AnalyseAll(cpu, made.volume), there = AnalyseAll(gpu, made.volume);
    std::printf("phantom %llu: %.1f slices/s on %s, %.1f on %s\n",
                static_cast<unsigned long long>(seed),
                here.slices_a_second,
                cpu.device().c_str(),
                there.slices_a_second,
                gpu.device().c_str());
    for (std::size_t z = 0; z < here.slices.size(); ++z) {
      for (const Detection& one : here.slices[z]) {
        ++detections;
        const Detection* other = At(there.slices[z], one.box);
        if (other == nullptr) {
          ++one_alone;
          EXPECT_LT(one.score, package.detection_score + kNearThreshold) << "slice " << z;
          continue;
        }
        const Differences now = Between(package, one, *other);
        worst = {std::max(worst.score, now.score),
                 std::max(worst.probability, now.probability),
                 std::max(worst.edge_px, now.edge_px)};
      }
      for (const Detection& other : there.slices[z]) {
        if (At(here.slices[z], other.box) == nullptr) {
          ++one_alone;
          EXPECT_LT(other.score, package.detection_score + kNearThreshold) << "slice " << z;
        }
      }
    }
  }
  std::printf(
      "%d detections, %d of one device alone; largest difference: score %.6f, probability "
      "%.6f, edge %.3f pixels\n",
      detections,
      one_alone,
      worst.score,
      worst.probability,
      worst.edge_px);
  EXPECT_GT(detections, 20);
  EXPECT_LT(worst.score, 0.02);
  EXPECT_LT(worst.probability, 0.05);
  EXPECT_LT(worst.edge_px, 1.0);
}

}  // namespace
}  // namespace necknode::training
