#include "models/resnet.h"

#include <algorithm>

namespace necknode::models {
namespace {

torch::nn::Conv2d Convolution(std::int64_t in,
                              std::int64_t out,
                              std::int64_t kernel,
                              std::int64_t stride = 1,
                              bool bias = false) {
  torch::nn::Conv2d convolution(
      torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(bias));
  torch::nn::init::kaiming_normal_(convolution->weight, 0.0, torch::kFanOut, torch::kReLU);
  return convolution;
}

}  // namespace

CoordinateAttentionImpl::CoordinateAttentionImpl(std::int64_t channels, const std::string& norm) {
  constexpr std::int64_t kReduction = 32;
  constexpr std::int64_t kMinChannels = 8;
  const std::int64_t inner = std::max(kMinChannels, channels / kReduction);
  conv1_ = register_module("conv1", Convolution(channels, inner, 1, 1, true));
  bn1_ = register_module("bn1", Norm(norm, inner));
  conv_h_ = register_module("conv_h", Convolution(inner, channels, 1, 1, true));
  conv_w_ = register_module("conv_w", Convolution(inner, channels, 1, 1, true));
}

torch::Tensor CoordinateAttentionImpl::forward(const torch::Tensor& x) {
  const std::int64_t height = x.size(2), width = x.size(3);
  const torch::Tensor rows = x.mean({3}, /*keepdim=*/true);  // [N, C, H, 1]
  const torch::Tensor columns =
      x.mean({2}, /*keepdim=*/true).permute({0, 1, 3, 2});            // [N, C, W, 1]
  torch::Tensor both = bn1_(conv1_(torch::cat({rows, columns}, 2)));  // [N, inner, H + W, 1]
  both = torch::hardswish(both);
  const auto parts = both.split_with_sizes({height, width}, 2);
  const torch::Tensor row_gate = torch::sigmoid(conv_h_(parts[0]));  // [N, C, H, 1]
  const torch::Tensor column_gate =
      torch::sigmoid(conv_w_(parts[1].permute({0, 1, 3, 2})));  // [N, C, 1, W]
  return x * row_gate * column_gate;
}

void CoordinateAttentionImpl::Fold() { bn1_->FoldInto(conv1_); }

BottleneckImpl::BottleneckImpl(std::int64_t in_channels,
                               std::int64_t planes,
                               std::int64_t stride,
                               const ResNetOptions& options) {
  const std::int64_t inner = planes * options.width_factor;
  const std::int64_t out = planes * kExpansion;
  conv1_ = register_module("conv1", Convolution(in_channels, inner, 1));
  bn1_ = register_module("bn1", Norm(options.norm, inner));
  conv2_ = register_module("conv2", Convolution(inner, inner, 3, stride));
  bn2_ = register_module("bn2", Norm(options.norm, inner));
  conv3_ = register_module("conv3", Convolution(inner, out, 1));
  bn3_ = register_module("bn3", Norm(options.norm, out));
  if (options.norm == "group")
    bn3_->ZeroInit();
  if (options.attention) {
    attention_ = register_module("attention", CoordinateAttention(out, options.norm));
  }
  if (stride != 1 || in_channels != out) {
    projection_ = Convolution(in_channels, out, 1, stride);
    projection_norm_ = Norm(options.norm, out);
    register_module("downsample", torch::nn::Sequential(projection_, projection_norm_));
  }
}

torch::Tensor BottleneckImpl::forward(const torch::Tensor& x) {
  torch::Tensor branch = torch::relu(bn1_(conv1_(x)));
  branch = torch::relu(bn2_(conv2_(branch)));
  branch = bn3_(conv3_(branch));
  if (attention_)
    branch = attention_(branch);
  const torch::Tensor identity = projection_ ? projection_norm_(projection_(x)) : x;
  return torch::relu(branch + identity);
}

void BottleneckImpl::Fold() {
  bn1_->FoldInto(conv1_);
  bn2_->FoldInto(conv2_);
  bn3_->FoldInto(conv3_);
  if (projection_)
    projection_norm_->FoldInto(projection_);
  if (attention_)
    attention_->Fold();
}

ResNetBodyImpl::ResNetBodyImpl(const ResNetOptions& options) : options_(options) {
  conv1_ = torch::nn::Conv2d(torch::nn::Conv2dOptions(options.in_channels, options.base_width, 7)
                                 .stride(2)
                                 .padding(3)
                                 .bias(false));
  torch::nn::init::kaiming_normal_(conv1_->weight, 0.0, torch::kFanOut, torch::kReLU);
  register_module("conv1", conv1_);
  bn1_ = register_module("bn1", Norm(options.norm, options.base_width));
  std::int64_t channels = options.base_width;
  for (std::size_t stage = 0; stage < options.blocks.size(); ++stage) {
    if (options.blocks[stage] == 0)
      break;
    const std::int64_t planes = options.base_width << stage;
    torch::nn::Sequential layer;
    for (int block = 0; block < options.blocks[stage]; ++block) {
      const std::int64_t stride = block == 0 && stage > 0 ? 2 : 1;
      layer->push_back(Bottleneck(channels, planes, stride, options));
      channels = planes * BottleneckImpl::kExpansion;
    }
    layers_.push_back(register_module("layer" + std::to_string(stage + 1), layer));
  }
}

std::vector<torch::Tensor> ResNetBodyImpl::forward(const torch::Tensor& x) {
  torch::Tensor y = torch::relu(bn1_(conv1_(x)));                            // [N, base, H/2, W/2]
  y = torch::max_pool2d(y, /*kernel_size=*/3, /*stride=*/2, /*padding=*/1);  // [N, base, H/4, W/4]
  std::vector<torch::Tensor> stages;
  for (auto& layer : layers_) {
    y = layer->forward(y);
    stages.push_back(y);
  }
  return stages;
}

std::array<std::int64_t, 4> ResNetBodyImpl::OutChannels() const {
  std::array<std::int64_t, 4> channels{};
  for (std::size_t stage = 0; stage < channels.size(); ++stage) {
    channels[stage] = (options_.base_width << stage) * BottleneckImpl::kExpansion;
  }
  return channels;
}

void ResNetBodyImpl::Fold() {
  bn1_->FoldInto(conv1_);
  for (auto& layer : layers_) {
    for (auto& block : layer->children()) {
      if (auto* bottleneck = block->as<BottleneckImpl>())
        bottleneck->Fold();
    }
  }
}

}  // namespace necknode::models
