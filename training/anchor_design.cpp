#include "training/anchor_design.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include <nlohmann/json.hpp>

#include "core/detection.h"
#include "core/error.h"
#include "models/anchors.h"

namespace necknode::training {
namespace {

using Json = nlohmann::ordered_json;

/// Boxes are many and alike: so many quantiles stand for them.
constexpr std::size_t kQuantiles = 256;
constexpr double kLeastGap = 1.05;
constexpr double kSizeParts = 10,
                 kRatioParts = 100;  ///< designed values are rounded to these parts
constexpr std::array<double, 3> kRatioQuantiles = {1.0 / 6, 0.5, 5.0 / 6};

void RequireBoxes(const std::vector<BoxSize>& boxes) {
  if (boxes.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "no boxes to design anchors from");
  }
}

std::vector<double> LogSizes(const std::vector<BoxSize>& boxes) {
  std::vector<double> all;
  for (const BoxSize& box : boxes) {
    all.push_back(std::log(box.width * box.height) / 2);
  }
  std::sort(all.begin(), all.end());
  const std::size_t count = std::min(kQuantiles, all.size());
  std::vector<double> quantiles;
  for (std::size_t i = 0; i < count; ++i) {
    quantiles.push_back(all[(2 * i + 1) * all.size() / (2 * count)]);
  }
  return quantiles;
}

/// Mean IoU distance of values first .. last to their median, times their number.
double CostOf(const std::vector<double>& logs, std::size_t first, std::size_t last) {
  const double median = logs[(first + last) / 2];
  double cost = 0;
  for (std::size_t i = first; i <= last; ++i) {
    cost += 1 - std::exp(-2 * std::abs(logs[i] - median));
  }
  return cost;
}

/// Medians of the `clusters` runs of ascending `logs` with the least cost in all.
std::vector<double> BestMedians(const std::vector<double>& logs, std::size_t clusters) {
  const std::size_t count = logs.size();
  clusters = std::min(clusters, count);
  constexpr double kFar = std::numeric_limits<double>::infinity();
  // best[k][n]: the first n values in k clusters; begin[k][n]: where the last of them begins.
  std::vector<std::vector<double>> best(clusters + 1, std::vector<double>(count + 1, kFar));
  std::vector<std::vector<std::size_t>> begin(clusters + 1, std::vector<std::size_t>(count + 1, 0));
  best[0][0] = 0;
  for (std::size_t first = 0; first < count; ++first) {
    for (std::size_t last = first; last < count; ++last) {
      const double cost = CostOf(logs, first, last);
      for (std::size_t k = 1; k <= clusters; ++k) {
        if (best[k - 1][first] + cost < best[k][last + 1]) {
          best[k][last + 1] = best[k - 1][first] + cost;
          begin[k][last + 1] = first;
        }
      }
    }
  }
  std::vector<double> medians;
  std::size_t end = count;
  for (std::size_t k = clusters; k > 0; --k) {
    const std::size_t first = begin[k][end];
    medians.push_back(logs[(first + end - 1) / 2]);
    end = first;
  }
  std::reverse(medians.begin(), medians.end());
  return medians;
}

/// To 1 / `parts`.
double RoundedTo(double value, double parts) { return std::round(value * parts) / parts; }

Json AnchorsJson(const AnchorSet& anchors, const AnchorFit& fit) {
  const auto rounded = [](double value) { return std::round(value * 1e4) / 1e4; };
  return {{"sizes", anchors.sizes},
          {"ratios", anchors.ratios},
          {"mean_best_iou", rounded(fit.mean_best_iou)},
          {"recall_at_iou_0.5", rounded(fit.recall_50)},
          {"recall_at_iou_0.7", rounded(fit.recall_70)}};
}

/// How far `at` lies from the next of the grid's points, with its sign.
double FromGrid(double at, double stride) { return at - stride * std::round(at / stride); }

/// Rounds ascending values to 1 / `parts` and moves each up to kLeastGap times the one before.
void RoundAndSpread(std::vector<double>& values, double parts) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = RoundedTo(values[i], parts);
    if (i > 0) {
      values[i] = std::max(values[i], std::ceil(values[i - 1] * kLeastGap * parts) / parts);
    }
  }
}

/// At most kQuantiles of the boxes, evenly over their areas.
std::vector<BoxSize> SomeOf(std::vector<BoxSize> boxes) {
  std::sort(boxes.begin(), boxes.end(), [](const BoxSize& a, const BoxSize& b) {
    return a.width * a.height < b.width * b.height;
  });
  const std::size_t count = std::min(kQuantiles, boxes.size());
  std::vector<BoxSize> some;
  for (std::size_t i = 0; i < count; ++i) {
    some.push_back(boxes[(2 * i + 1) * boxes.size() / (2 * count)]);
  }
  return some;
}

/// Moves one size after the other, by ever smaller factors, as long as the boxes are met better.
void MoveSizes(AnchorSet& anchors,
               const std::vector<BoxSize>& boxes,
               const std::vector<std::int64_t>& strides) {
  constexpr double kFirstFactor = 1.25, kLastFactor = 1.02, kLeastGain = 1e-4;
  double best = FitOf(anchors, boxes, strides).mean_best_iou;
  for (double factor = kFirstFactor; factor > kLastFactor; factor = std::sqrt(factor)) {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t i = 0; i < 2 * anchors.sizes.size(); ++i) {
        AnchorSet other = anchors;
        other.sizes[i / 2] *= i % 2 == 0 ? factor : 1 / factor;
        if (i / 2 > 0 && other.sizes[i / 2] < kLeastGap * other.sizes[i / 2 - 1]) {
          continue;
        }
        RoundAndSpread(other.sizes, kSizeParts);
        const double fit = FitOf(other, boxes, strides).mean_best_iou;
        if (fit > best + kLeastGain) {
          best = fit;
          anchors = other;
          moved = true;
        }
      }
    }
  }
}

}  // namespace

std::vector<BoxSize> SizesAt(const std::vector<BoxShape>& shapes, double pixel_spacing_mm) {
  std::vector<BoxSize> sizes;
  sizes.reserve(shapes.size());
  for (const BoxShape& shape : shapes) {
    sizes.push_back({shape.width_mm / pixel_spacing_mm, shape.height_mm / pixel_spacing_mm});
  }
  return sizes;
}

AnchorFit FitOf(const AnchorSet& anchors,
                const std::vector<BoxSize>& boxes,
                const std::vector<std::int64_t>& strides) {
  RequireBoxes(boxes);
  if (strides.size() != anchors.sizes.size() || strides.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(anchors.sizes.size()) + " anchor sizes for " +
                    std::to_string(strides.size()) + " levels");
  }
  struct Anchor {
    Box box;  // about a grid point
    double stride;
  };
  std::vector<Anchor> all;
  for (std::size_t level = 0; level < strides.size(); ++level) {
    const auto cells = models::CellAnchors({anchors.sizes[level]}, anchors.ratios)
                           .to(torch::kFloat64)
                           .contiguous();
    for (std::int64_t i = 0; i < cells.size(0); ++i) {
      const double* at = cells.data_ptr<double>() + 4 * i;
      all.push_back({{at[0], at[1], at[2], at[3]}, static_cast<double>(strides[level])});
    }
  }
  const auto coarsest = static_cast<double>(*std::max_element(strides.begin(), strides.end()));
  constexpr int kPositions = 32;
  AnchorFit fit;
  for (const BoxSize& size : boxes) {
    for (int position = 0; position < kPositions; ++position) {
      // An additive recurrence: even on the grid of each stride, as a coarser lattice is not.
      const double x = coarsest * std::fmod(0.7548776662466927 * (position + 0.5), 1);
      const double y = coarsest * std::fmod(0.5698402909980532 * (position + 0.5), 1);
      double best = 0;
      for (const Anchor& anchor : all) {
        const double dx = FromGrid(x, anchor.stride), dy = FromGrid(y, anchor.stride);
        const Box box{
            dx - size.width / 2, dy - size.height / 2, dx + size.width / 2, dy + size.height / 2};
        best = std::max(best, IntersectionOverUnion(box, anchor.box));
      }
      fit.mean_best_iou += best;
      fit.recall_50 += best >= 0.5 ? 1 : 0;
      fit.recall_70 += best >= 0.7 ? 1 : 0;
    }
  }
  const double tried = static_cast<double>(boxes.size()) * kPositions;
  fit.mean_best_iou /= tried;
  fit.recall_50 /= tried;
  fit.recall_70 /= tried;
  return fit;
}

std::vector<double> SizeClusters(const std::vector<BoxSize>& boxes, std::size_t clusters) {
  RequireBoxes(boxes);
  std::vector<double> sizes;
  for (const double log_size : BestMedians(LogSizes(boxes), clusters)) {
    sizes.push_back(std::exp(log_size));
  }
  return sizes;
}

AnchorSet DesignAnchors(const std::vector<BoxSize>& boxes,
                        const std::vector<std::int64_t>& strides) {
  RequireBoxes(boxes);
  if (strides.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "anchors for no level");
  }
  AnchorSet designed;
  designed.sizes = SizeClusters(boxes, strides.size());
  // Fewer different boxes than levels: the rest grows from the largest.
  designed.sizes.resize(strides.size(), designed.sizes.back());
  std::vector<double> ratios;
  for (const BoxSize& box : boxes) {
    ratios.push_back(std::log(box.height / box.width));
  }
  for (const double quantile : kRatioQuantiles) {
    designed.ratios.push_back(std::exp(QuantileOf(ratios, quantile)));
  }
  RoundAndSpread(designed.ratios, kRatioParts);
  RoundAndSpread(designed.sizes, kSizeParts);
  MoveSizes(designed, SomeOf(boxes), strides);
  return designed;
}

Json AnchorsAsJson(const AnchorSet& designed,
                   const AnchorSet& given,
                   const std::vector<BoxSize>& boxes,
                   const std::vector<std::int64_t>& strides) {
  return {{"boxes", boxes.size()},
          {"designed", AnchorsJson(designed, FitOf(designed, boxes, strides))},
          {"given_before", AnchorsJson(given, FitOf(given, boxes, strides))}};
}

}  // namespace necknode::training
