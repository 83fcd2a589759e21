#include "models/yolo_v3.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <torch/nn/functional/upsampling.h>

#include "core/error.h"
#include "models/darknet.h"
#include "models/tensor_checks.h"
#include "models/yolo_losses.h"

namespace necknode::models {
namespace {

constexpr std::array<std::int64_t, 3> kStrides = {8, 16, 32};
constexpr std::int64_t kValues = 5;  // four coordinates and the objectness
const double kMaxLogScale = std::log(1000.0 / 16.0);
constexpr double kFirstObjectness = 0.01;

/// Priors of one cell: [ratios, 2] width and height.
torch::Tensor PriorsOf(double size, const std::vector<double>& ratios) {
  const torch::Tensor root = torch::sqrt(torch::tensor(ratios, torch::kDouble));
  return torch::stack({size / root, root * size}, 1);
}

torch::Tensor Twice(const torch::Tensor& x) {
  namespace F = torch::nn::functional;
  return F::interpolate(x,
                        F::InterpolateFuncOptions()
                            .size(std::vector<std::int64_t>{2 * x.size(2), 2 * x.size(3)})
                            .mode(torch::kNearest));
}

}  // namespace

YoloGrid MakeYoloGrid(const std::vector<double>& sizes,
                      const std::vector<double>& ratios,
                      std::int64_t height,
                      std::int64_t width) {
  const auto options = torch::TensorOptions(torch::kDouble);
  YoloGrid grid;
  grid.priors_a_cell = static_cast<std::int64_t>(ratios.size());
  std::vector<torch::Tensor> cells, priors, strides;
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < kStrides.size(); ++i) {
    const std::int64_t rows = height / kStrides[i], columns = width / kStrides[i];
    const torch::Tensor y =
        torch::arange(rows, options).view({-1, 1, 1}).expand({rows, columns, grid.priors_a_cell});
    const torch::Tensor x = torch::arange(columns, options)
                                .view({1, -1, 1})
                                .expand({rows, columns, grid.priors_a_cell});
    const std::int64_t count = rows * columns * grid.priors_a_cell;
    cells.push_back(torch::stack({x, y}, 3).view({count, 2}));
    priors.push_back(PriorsOf(sizes[i], ratios).repeat({rows * columns, 1}));
    strides.push_back(torch::full({count, 1}, static_cast<double>(kStrides[i]), options));
    grid.levels.push_back({begin, rows, columns, kStrides[i]});
    begin += count;
  }
  grid.cells = torch::cat(cells);
  grid.priors = torch::cat(priors);
  grid.strides = torch::cat(strides);
  return grid;
}

torch::Tensor DecodeYolo(const torch::Tensor& raw, const YoloGrid& grid) {
  const torch::Tensor centre = (torch::sigmoid(raw.slice(2, 0, 2)) + grid.cells) * grid.strides;
  const torch::Tensor half =
      0.5 * grid.priors * torch::exp(raw.slice(2, 2, 4).clamp_max(kMaxLogScale));
  return torch::cat({centre - half, centre + half}, 2);
}

struct YoloV3Impl::Parts {
  struct Level {
    std::vector<std::shared_ptr<ConvBlock>> neck;
    std::shared_ptr<ConvBlock> out;
    torch::nn::Conv2d predict{nullptr};
    std::shared_ptr<ConvBlock> lateral;  // to the finer level; null on the finest
  };
  Darknet backbone{nullptr};
  std::vector<Level> levels;  // from the finest
};

YoloV3Impl::YoloV3Impl(const DetectorConfig& config)
    : Detector(config), parts_(std::make_unique<Parts>()) {
  parts_->backbone =
      register_module("backbone", Darknet(config.in_channels, config.base_width, config.norm));
  const auto& channels = parts_->backbone->OutChannels();
  const std::int64_t values = kValues + config.classes - 1;
  const auto outputs = static_cast<std::int64_t>(config.anchor_ratios.size()) * values;
  parts_->levels.resize(channels.size());
  std::int64_t from_coarser = 0;
  for (std::size_t i = channels.size(); i-- > 0;) {
    const std::string name = "level" + std::to_string(i);
    const auto group = register_module(name, std::make_shared<torch::nn::Module>(name));
    const auto unit =
        [&](const std::string& unit_name, std::int64_t in, std::int64_t out, std::int64_t kernel) {
          return group->register_module(unit_name, MakeDarknetUnit({in, out, kernel}, config.norm));
        };
    Parts::Level& level = parts_->levels[i];
    const std::int64_t wide = channels[i], narrow = std::max<std::int64_t>(4, wide / 2);
    std::int64_t in = wide + from_coarser;
    for (int place = 1; place <= 5; ++place) {
      const bool narrows = place % 2 == 1;
      level.neck.push_back(
          unit("neck" + std::to_string(place), in, narrows ? narrow : wide, narrows ? 1 : 3));
      in = narrows ? narrow : wide;
    }
    level.out = unit("out", narrow, wide, 3);
    level.predict = group->register_module(
        "predict", torch::nn::Conv2d(torch::nn::Conv2dOptions(wide, outputs, 1)));
    torch::nn::init::normal_(level.predict->weight, 0.0, 0.01);
    {
      const torch::NoGradGuard no_grad;
      level.predict->bias.zero_();
      level.predict->bias.view({-1, values})
          .select(1, 4)
          .fill_(-std::log(1 / kFirstObjectness - 1));
    }
    if (i > 0) {
      from_coarser = std::max<std::int64_t>(4, narrow / 2);
      level.lateral = unit("lateral", narrow, from_coarser, 1);
    }
  }
}

YoloV3Impl::~YoloV3Impl() = default;

torch::Tensor YoloV3Impl::Forward(const torch::Tensor& images) {
  CheckImages(images, config().in_channels, /*min_side=*/64);
  if (images.size(2) % kStrides.back() != 0 || images.size(3) % kStrides.back() != 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "images have shape " + ShapeText(images) + ", expected sides of multiples of " +
                    std::to_string(kStrides.back()));
  }
  const std::vector<torch::Tensor> maps = parts_->backbone(images);
  std::vector<torch::Tensor> raw(maps.size());
  torch::Tensor from_coarser;
  for (std::size_t i = maps.size(); i-- > 0;) {
    Parts::Level& level = parts_->levels[i];
    torch::Tensor x = from_coarser.defined() ? torch::cat({from_coarser, maps[i]}, 1) : maps[i];
    for (const auto& unit : level.neck)
      x = unit->forward(x);
    raw[i] = level.predict(level.out->forward(x))
                 .permute({0, 2, 3, 1})
                 .reshape({images.size(0), -1, kValues + config().classes - 1});
    if (i > 0)
      from_coarser = Twice(level.lateral->forward(x));
  }
  return AtLeastFloat32(torch::cat(raw, 1));
}

YoloGrid YoloV3Impl::GridOf(const torch::Tensor& images, const torch::Tensor& raw) const {
  YoloGrid grid =
      MakeYoloGrid(config().anchor_sizes, config().anchor_ratios, images.size(2), images.size(3));
  for (torch::Tensor* part : {&grid.cells, &grid.priors, &grid.strides})
    *part = part->to(raw.device(), raw.scalar_type());
  return grid;
}

NamedLosses YoloV3Impl::LossesOf(const torch::Tensor& images,
                                 const std::vector<torch::Tensor>& truths,
                                 std::uint64_t /*seed*/) {
  const torch::Tensor raw = Forward(images);
  const YoloLoss loss = YoloV3Loss(raw, GridOf(images, raw), truths);
  return {{"box", loss.box}, {"object", loss.object}, {"class", loss.classification}};
}

std::vector<ImageDetections> YoloV3Impl::Find(const torch::Tensor& images, double score_threshold) {
  const torch::Tensor raw = Forward(images);
  const torch::Tensor boxes = DecodeYolo(raw, GridOf(images, raw));
  const torch::Tensor scores =
      torch::sigmoid(raw.slice(2, 4, kValues)) * torch::sigmoid(raw.slice(2, kValues));
  const DetectionLimits limits{
      score_threshold, config().pre_nms_top_n, config().box_nms, config().max_detections};
  std::vector<ImageDetections> detections;
  for (std::int64_t image = 0; image < raw.size(0); ++image) {
    detections.push_back(
        BestDetections(boxes[image], scores[image], limits, images.size(2), images.size(3)));
  }
  return detections;
}

void YoloV3Impl::Fold() {
  parts_->backbone->Fold();
  for (Parts::Level& level : parts_->levels) {
    for (const auto& unit : level.neck)
      unit->Fold();
    level.out->Fold();
    if (level.lateral)
      level.lateral->Fold();
  }
}

}  // namespace necknode::models
