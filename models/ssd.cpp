#include "models/ssd.h"

#include <cmath>
#include <string>

#include "models/box_ops.h"
#include "models/conv_blocks.h"
#include "models/resnet.h"
#include "models/resnet_stride.h"
#include "models/ssd_losses.h"
#include "models/tensor_checks.h"

namespace necknode::models {
namespace {

constexpr std::int64_t kFirstStride = 8;
constexpr std::int64_t kChannelDivisor = 4;  // of scaled widths

/// Channels of the further levels at base width 64: of the 1x1 and of the strided 3x3.
struct Extra {
  std::int64_t middle, out;
};
constexpr std::array<Extra, 5> kExtras = {
    {{256, 512}, {256, 512}, {128, 256}, {128, 256}, {128, 256}}};

ResNetOptions BodyOptions(const DetectorConfig& config) {
  ResNetOptions options;
  options.in_channels = config.in_channels;
  options.base_width = config.base_width;
  options.norm = config.norm;
  options.blocks = {3, 4, 6, 0};
  return options;
}

torch::nn::Conv2d HeadConvolution(std::int64_t in, std::int64_t out) {
  torch::nn::Conv2d convolution(torch::nn::Conv2dOptions(in, out, 3).padding(1));
  torch::nn::init::xavier_uniform_(convolution->weight);
  torch::nn::init::zeros_(convolution->bias);
  return convolution;
}

/// [N, boxes * values, h, w] -> [N, h w boxes, values], at least float32.
torch::Tensor ByBox(const torch::Tensor& map, std::int64_t values) {
  return AtLeastFloat32(map.permute({0, 2, 3, 1}).reshape({map.size(0), -1, values}));
}

}  // namespace

torch::Tensor DefaultBoxes(double size,
                           const std::vector<double>& ratios,
                           std::int64_t height,
                           std::int64_t width,
                           std::int64_t stride) {
  const auto options = torch::TensorOptions(torch::kDouble);
  const torch::Tensor root = torch::sqrt(torch::tensor(ratios, options));
  const torch::Tensor half_height = root * (size / 2), half_width = (size / 2) / root;
  const torch::Tensor cell =
      torch::stack({-half_width, -half_height, half_width, half_height}, 1);  // [ratios, 4]
  const auto centres = [&](std::int64_t count) {
    return (torch::arange(count, options) + 0.5) * static_cast<double>(stride);
  };
  const torch::Tensor y = centres(height).view({-1, 1}).expand({height, width});
  const torch::Tensor x = centres(width).view({1, -1}).expand({height, width});
  return (torch::stack({x, y, x, y}, 2).view({-1, 1, 4}) + cell).view({-1, 4});
}

struct SsdImpl::Parts {
  ResNetBody body{nullptr};
  std::vector<std::array<std::shared_ptr<ConvBlock>, 2>> extras;
  std::vector<torch::nn::Conv2d> class_heads, box_heads;
};

SsdImpl::SsdImpl(const DetectorConfig& config)
    : Detector(config), parts_(std::make_unique<Parts>()) {
  const auto group = [](torch::nn::Module& owner, const std::string& name) {
    return owner.register_module(name, std::make_shared<torch::nn::Module>(name));
  };
  parts_->body = ResNetBody(BodyOptions(config));
  KeepResolution(*parts_->body, /*stage=*/3, /*dilate=*/false);
  group(*this, "backbone")->register_module("body", parts_->body);

  const std::size_t levels = config.anchor_sizes.size();
  std::vector<std::int64_t> channels = {parts_->body->OutChannels()[2]};
  const auto extra = group(*this, "extra");
  for (std::size_t i = 0; i + 1 < levels; ++i) {
    const std::int64_t middle =
        ScaleChannels(kExtras[i].middle, config.base_width, kChannelDivisor);
    const std::int64_t out = ScaleChannels(kExtras[i].out, config.base_width, kChannelDivisor);
    const auto pair = group(*extra, std::to_string(i));
    const auto unit = [&](const char* name, const ConvolutionShape& shape) {
      return pair->register_module(
          name, std::make_shared<ConvBlock>(shape, config.norm, Activation::kRelu));
    };
    parts_->extras.push_back(
        {unit("0", {channels.back(), middle}), unit("1", {middle, out, 3, 2})});
    channels.push_back(out);
  }

  const auto head = group(*this, "head");
  const auto ratios = static_cast<std::int64_t>(config.anchor_ratios.size());
  const auto classes = group(*group(*head, "classification_head"), "module_list");
  const auto boxes = group(*group(*head, "regression_head"), "module_list");
  for (std::size_t i = 0; i < levels; ++i) {
    parts_->class_heads.push_back(HeadConvolution(channels[i], ratios * config.classes));
    parts_->box_heads.push_back(HeadConvolution(channels[i], ratios * 4));
    classes->register_module(std::to_string(i), parts_->class_heads.back());
    boxes->register_module(std::to_string(i), parts_->box_heads.back());
  }
}

SsdImpl::~SsdImpl() = default;

SsdOutput SsdImpl::Forward(const torch::Tensor& images) {
  CheckImages(images, config().in_channels, /*min_side=*/64);
  std::vector<torch::Tensor> logits, deltas, anchors;
  torch::Tensor level = parts_->body(images).back();
  std::int64_t stride = kFirstStride;
  for (std::size_t i = 0; i < config().anchor_sizes.size(); ++i, stride *= 2) {
    if (i > 0) {
      const auto& [narrow, strided] = parts_->extras[i - 1];
      level = strided->forward(narrow->forward(level));
    }
    logits.push_back(ByBox(parts_->class_heads[i](level), config().classes));
    deltas.push_back(ByBox(parts_->box_heads[i](level), 4));
    anchors.push_back(DefaultBoxes(
        config().anchor_sizes[i], config().anchor_ratios, level.size(2), level.size(3), stride));
  }
  SsdOutput output{torch::cat(logits, 1), torch::cat(deltas, 1), torch::cat(anchors)};
  output.anchors = output.anchors.to(images.device(), output.deltas.scalar_type());
  return output;
}

std::vector<ImageDetections> SsdImpl::Postprocess(const SsdOutput& output,
                                                  std::int64_t height,
                                                  std::int64_t width,
                                                  double score_threshold) const {
  const torch::NoGradGuard no_grad;
  const torch::Tensor scores = torch::softmax(output.logits.detach(), 2);
  const DetectionLimits limits{
      score_threshold, config().pre_nms_top_n, config().box_nms, config().max_detections};
  std::vector<ImageDetections> detections;
  for (std::int64_t image = 0; image < scores.size(0); ++image) {
    const torch::Tensor boxes =
        DecodeBoxes(output.deltas.detach()[image], output.anchors, kSsdWeights);
    detections.push_back(BestDetections(boxes, scores[image].slice(1, 1), limits, height, width));
  }
  return detections;
}

NamedLosses SsdImpl::LossesOf(const torch::Tensor& images,
                              const std::vector<torch::Tensor>& truths,
                              std::uint64_t /*seed*/) {
  const SsdOutput output = Forward(images);
  const DetectionLoss loss = SsdLoss(output, truths);
  return {{"class", loss.classification}, {"box", loss.box}};
}

std::vector<ImageDetections> SsdImpl::Find(const torch::Tensor& images, double score_threshold) {
  return Postprocess(Forward(images), images.size(2), images.size(3), score_threshold);
}

void SsdImpl::Fold() {
  parts_->body->Fold();
  for (auto& pair : parts_->extras) {
    for (const auto& unit : pair)
      unit->Fold();
  }
}

}  // namespace necknode::models
