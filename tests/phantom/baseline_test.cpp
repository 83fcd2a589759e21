#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "phantom/phantom.h"
#include "phantom/random.h"

namespace necknode::phantom {
namespace {

/// What a classifier without eyes knows of one true box.
struct Features {
  std::array<double, 3> value;  ///< log area, |log aspect|, mean HU
  bool malignant;
  bool largest_of_node;
  std::uint64_t seed;
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
      const auto largest =
          std::max_element(node.boxes.begin(), node.boxes.end(), [](const auto& a, const auto& b) {
            return a.box.Area() < b.box.Area();
          });
      for (auto at = node.boxes.begin(); at != node.boxes.end(); ++at) {
        const auto& [slice, box] = *at;
        all.push_back({{std::log(box.Area()),
                        std::abs(std::log(box.Width() / box.Height())),
                        MeanHu(phantom.volume, slice, box)},
                       node.malignant,
                       at == largest,
                       options.seed});
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

double AucOf(const std::vector<Features>& all, const std::array<double, 4>& weights) {
  std::vector<std::pair<double, bool>> scores;
  for (const Features& f : all) {
    scores.emplace_back(Score(weights, f), f.malignant);
  }
  return Auc(std::move(scores));
}

/// The upper end of the AUC's 95% interval: phantoms are drawn anew, since boxes of one node, and
/// nodes of one phantom, are not independent.
double UpperEnd(const std::vector<Features>& all, const std::array<double, 4>& weights) {
  std::map<std::uint64_t, std::vector<Features>> by_phantom;
  for (const Features& f : all) {
    by_phantom[f.seed].push_back(f);
  }
  std::vector<std::vector<Features>> phantoms;
  for (auto& [seed, features] : by_phantom) {
    phantoms.push_back(std::move(features));
  }
  constexpr int kRounds = 400;
  Random random(1, 1);
  std::vector<double> aucs;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Features> drawn;
    for (std::size_t i = 0; i < phantoms.size(); ++i) {
      const auto& phantom = phantoms[random.Bits() % phantoms.size()];
      drawn.insert(drawn.end(), phantom.begin(), phantom.end());
    }
    aucs.push_back(AucOf(drawn, weights));
  }
  std::sort(aucs.begin(), aucs.end());
  return aucs[kRounds * 975 / 1000];
}

void ExpectNotTellingApart(std::vector<Features> all, std::ptrdiff_t of_each_class) {
  Standardize(all);
  const auto malignant =
      std::count_if(all.begin(), all.end(), [](const Features& f) { return f.malignant; });
  ASSERT_GT(malignant, of_each_class);
  ASSERT_GT(std::ssize(all) - malignant, of_each_class);
  const auto weights = Fit(all);
  const double auc = AucOf(all, weights), upper = UpperEnd(all, weights);
  EXPECT_LE(auc, 0.80);
  EXPECT_LE(upper, 0.80) << "the whole interval, not by luck of the seeds; AUC " << auc;
  EXPECT_GE(auc, 0.55) << "the classes differ as the paper's do: metastatic ones are larger";
}

// Whoever makes the data can make any figure: what needs no eyes must not tell the classes apart.
TEST(Baseline, SizeShapeAndMeanHuDoNotTellTheClassesApart) {
  const auto boxes = FeaturesOfSeeds(100, 54);
  std::vector<Features> nodes;
  std::copy_if(boxes.begin(), boxes.end(), std::back_inserter(nodes), [](const Features& f) {
    return f.largest_of_node;
  });
  {
    SCOPED_TRACE("every box");
    ExpectNotTellingApart(boxes, 300);
  }
  SCOPED_TRACE("the largest box of each node");
  ExpectNotTellingApart(nodes, 100);
}

}  // namespace
}  // namespace necknode::phantom
