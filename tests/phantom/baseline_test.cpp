#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "phantom/phantom.h"

namespace necknode::phantom {
namespace {

/// What a classifier without eyes knows of one true box.
struct Features {
  std::array<double, 3> value;  ///< log area, |log aspect|, mean HU
  bool malignant;
};

double MeanHu(const Volume& volume, int slice, const Box& box) {
  double sum = 0;
  for (int y = static_cast<int>(box.y0); y < static_cast<int>(box.y1); ++y) {
    for (int x = static_cast<int>(box.x0); x < static_cast<int>(box.x1); ++x) {
      sum += volume.At(x, y, slice);
    }
  }
  return sum / box.Area();
}

std::vector<Features> FeaturesOfSeeds(int first, int count) {
  std::vector<Features> all;
  for (int seed = first; seed < first + count; ++seed) {
    PhantomOptions options;
    options.seed = static_cast<std::uint64_t>(seed);
    options.slices = 40;
    options.slice_spacing_mm = 4;
    options.size = 256;
    options.pixel_spacing_mm = 0.85;
    const Phantom phantom = MakePhantom(options);
    for (const TrueNode& node : phantom.nodes) {
      for (const auto& [slice, box] : node.boxes) {
        all.push_back({{std::log(box.Area()),
                        std::abs(std::log(box.Width() / box.Height())),
                        MeanHu(phantom.volume, slice, box)},
                       node.malignant});
      }
    }
  }
  return all;
}

void Standardize(std::vector<Features>& all) {
  const auto count = static_cast<double>(all.size());
  for (std::size_t k = 0; k < 3; ++k) {
    double mean = 0, variance = 0;
    for (const Features& f : all) {
      mean += f.value[k] / count;
    }
    for (const Features& f : all) {
      variance += (f.value[k] - mean) * (f.value[k] - mean) / count;
    }
    for (Features& f : all) {
      f.value[k] = (f.value[k] - mean) / std::sqrt(variance);
    }
  }
}

double Score(const std::array<double, 4>& weights, const Features& f) {
  return weights[3] + weights[0] * f.value[0] + weights[1] * f.value[1] + weights[2] * f.value[2];
}

/// Logistic regression by gradient descent, fitted on all there is: as good as it can look.
std::array<double, 4> Fit(const std::vector<Features>& all) {
  std::array<double, 4> weights{};
  for (int step = 0; step < 1500; ++step) {
    std::array<double, 4> gradient{};
    for (const Features& f : all) {
      const double error = 1 / (1 + std::exp(-Score(weights, f))) - (f.malignant ? 1 : 0);
      for (std::size_t k = 0; k < 3; ++k) {
        gradient[k] += error * f.value[k];
      }
      gradient[3] += error;
    }
    for (std::size_t k = 0; k < 4; ++k) {
      weights[k] -= gradient[k] / static_cast<double>(all.size());
    }
  }
  return weights;
}

double Auc(std::vector<std::pair<double, bool>> scores) {
  std::sort(scores.begin(), scores.end());
  double ranks = 0, positives = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i].second) {
      ranks += static_cast<double>(i + 1);
      ++positives;
    }
  }
  const double negatives = static_cast<double>(scores.size()) - positives;
  return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}

TEST(Baseline, SizeShapeAndMeanHuDoNotTellTheClassesApart) {
  std::vector<Features> all = FeaturesOfSeeds(100, 36);
  Standardize(all);
  ASSERT_GT(all.size(), 300U);
  const auto weights = Fit(all);
  std::vector<std::pair<double, bool>> scores;
  for (const Features& f : all) {
    scores.emplace_back(Score(weights, f), f.malignant);
  }
  const double auc = Auc(std::move(scores));
  RecordProperty("auc", std::to_string(auc));
  EXPECT_LE(auc, 0.80);
  EXPECT_GE(auc, 0.5);
}

}  // namespace
}  // namespace necknode::phantom
