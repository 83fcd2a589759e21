#include "models/yolo_losses.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "models/box_ops.h"

namespace necknode::models {
namespace {

namespace F = torch::nn::functional;

constexpr double kIgnoreIou = 0.5;

torch::Tensor CrossEntropy(const torch::Tensor& logits, const torch::Tensor& targets) {
  return F::binary_cross_entropy_with_logits(
      logits, targets, F::BinaryCrossEntropyWithLogitsFuncOptions().reduction(torch::kSum));
}

/// A true box's place and what the place is to say of it.
struct Target {
  double x = 0, y = 0;           ///< of the centre within its cell, 0 to 1
  double width = 0, height = 0;  ///< log of the sides over the prior's
};

/// IoU of two boxes about the same centre.
double ShapeIou(double width, double height, double other_width, double other_height) {
  const double common = std::min(width, other_width) * std::min(height, other_height);
  return common / (width * height + other_width * other_height - common);
}

/// Targets by place. `truth`: [T, 4] double on the CPU, contiguous.
std::map<std::int64_t, Target> TargetsOf(const torch::Tensor& truth, const YoloGrid& grid) {
  const torch::Tensor priors = grid.priors.to(torch::kCPU, torch::kDouble).contiguous();
  const double* prior = priors.data_ptr<double>();
  std::map<std::int64_t, Target> targets;
  for (std::int64_t i = 0; i < truth.size(0); ++i) {
    const double* box = truth.data_ptr<double>() + 4 * i;
    const double width = box[2] - box[0], height = box[3] - box[1];
    if (!(width > 0 && height > 0))
      continue;
    double best = -1;
    const YoloGrid::Level* level = &grid.levels.front();
    std::int64_t of_cell = 0;
    for (const YoloGrid::Level& candidate : grid.levels) {
      for (std::int64_t k = 0; k < grid.priors_a_cell; ++k) {
        const double* sides = prior + 2 * (candidate.begin + k);
        const double iou = ShapeIou(width, height, sides[0], sides[1]);
        if (iou > best) {
          best = iou;
          level = &candidate;
          of_cell = k;
        }
      }
    }
    const auto stride = static_cast<double>(level->stride);
    const double x = 0.5 * (box[0] + box[2]) / stride, y = 0.5 * (box[1] + box[3]) / stride;
    const auto cell = [](double place, std::int64_t count) {
      return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(place)), 0, count - 1);
    };
    const std::int64_t column = cell(x, level->width), row = cell(y, level->height);
    const std::int64_t place =
        level->begin + (row * level->width + column) * grid.priors_a_cell + of_cell;
    targets[place] = {std::clamp(x - static_cast<double>(column), 0.0, 1.0),
                      std::clamp(y - static_cast<double>(row), 0.0, 1.0),
                      std::log(width / prior[2 * place]),
                      std::log(height / prior[2 * place + 1])};
  }
  return targets;
}

/// [A] true where a place is to learn that there is nothing.
torch::Tensor Empty(const torch::Tensor& raw, const YoloGrid& grid, const torch::Tensor& truth) {
  const torch::NoGradGuard no_grad;
  if (truth.size(0) == 0)
    return torch::ones({raw.size(0)}, raw.options().dtype(torch::kBool));
  const torch::Tensor boxes = DecodeYolo(raw.detach().unsqueeze(0), grid)[0];
  return std::get<0>(BoxIou(boxes, truth.to(boxes.device(), boxes.scalar_type())).max(1)) <=
         kIgnoreIou;
}

}  // namespace

YoloLoss YoloV3Loss(const torch::Tensor& raw,
                    const YoloGrid& grid,
                    const std::vector<torch::Tensor>& truths) {
  const torch::Tensor nothing = raw.sum() * 0;
  YoloLoss loss{nothing, nothing, nothing};
  for (std::size_t i = 0; i < truths.size(); ++i) {
    const torch::Tensor of_image = raw[static_cast<std::int64_t>(i)];  // [A, 5 + classes - 1]
    const torch::Tensor truth = truths[i].to(torch::kCPU, torch::kDouble).contiguous();
    std::vector<std::int64_t> places;
    std::vector<double> values;
    for (const auto& [place, target] : TargetsOf(truth, grid)) {
      places.push_back(place);
      values.insert(values.end(), {target.x, target.y, target.width, target.height});
    }
    const torch::Tensor place = torch::tensor(places, torch::kInt64).to(raw.device());
    const torch::Tensor objectness = of_image.select(1, 4);
    const torch::Tensor empty = Empty(of_image, grid, truth).index_fill(0, place, /*value=*/false);
    const torch::Tensor background = objectness.masked_select(empty);
    loss.object = loss.object + CrossEntropy(background, torch::zeros_like(background));
    if (places.empty())
      continue;
    const torch::Tensor wanted =
        torch::tensor(values, torch::kDouble).view({-1, 4}).to(raw.device(), raw.scalar_type());
    const torch::Tensor found = of_image.index_select(0, place);
    const torch::Tensor sides = found.slice(1, 2, 4) - wanted.slice(1, 2, 4);
    loss.box = loss.box + CrossEntropy(found.slice(1, 0, 2), wanted.slice(1, 0, 2)) +
               0.5 * (sides * sides).sum();
    const torch::Tensor object = found.select(1, 4);
    loss.object = loss.object + CrossEntropy(object, torch::ones_like(object));
    const torch::Tensor classes = found.slice(1, 5);
    torch::Tensor of_class = torch::zeros_like(classes);
    of_class.select(1, 0).fill_(1);
    loss.classification = loss.classification + CrossEntropy(classes, of_class);
  }
  const double images = static_cast<double>(truths.size());
  return {loss.box / images, loss.object / images, loss.classification / images};
}

}  // namespace necknode::models
