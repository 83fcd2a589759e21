#include "models/resnet.h"

#include <algorithm>

#include "models/conv_blocks.h"

namespace necknode::models {

CoordinateAttentionImpl::CoordinateAttentionImpl(std::int64_t channels, const std::string& norm) {
  constexpr std::int64_t kReduction = 32;
  constexpr std::int64_t kMinChannels = 8;
  const std::int64_t inner = std::max(kMinChannels, channels / kReduction);
  conv1_ = register_module("conv1", MakeConvolution({channels, inner, 1, 1, 1, /*bias=*/true}));
  bn1_ = register_module("bn1", Norm(norm, inner));
  conv_h_ = register_module("conv_h", MakeConvolution({inner, channels, 1, 1, 1, /*bias=*/true}));
  conv_w_ = register_module("conv_w", MakeConvolution({inner, channels, 1, 1, 1, /*bias=*/true}));
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
  const std::int64_t group_width = options.group_width * (planes / options.base_width);
  const std::int64_t inner =
      options.groups > 1 ? options.groups * group_width : planes * options.width_factor;
  const std::int64_t out = planes * kExpansion;
  conv1_ = register_module("conv1", MakeConvolution({in_channels, inner}));
  bn1_ = register_module("bn1", Norm(options.norm, inner));
  conv2_ = register_module("conv2", MakeConvolution({inner, inner, 3, stride, options.groups}));
  bn2_ = register_module("bn2", Norm(options.norm, inner));
  conv3_ = register_module("conv3", MakeConvolution({inner, out}));
  bn3_ = register_module("bn3", Norm(options.norm, out));
  if (options.norm == "group")
    bn3_->ZeroInit();
  if (options.attention) {
    attention_ = register_module("attention", CoordinateAttention(out, options.norm));
  }
  if (stride != 1 || in_channels != out) {
    projection_ = MakeConvolution({in_channels, out, 1, stride});
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

BasicBlockImpl::BasicBlockImpl(std::int64_t in_channels,
                               std::int64_t planes,
                               std::int64_t stride,
                               const ResNetOptions& options) {
  conv1_ = register_module("conv1", MakeConvolution({in_channels, planes, 3, stride}));
  bn1_ = register_module("bn1", Norm(options.norm, planes));
  conv2_ = register_module("conv2", MakeConvolution({planes, planes, 3}));
  bn2_ = register_module("bn2", Norm(options.norm, planes));
  if (options.norm == "group")
    bn2_->ZeroInit();
  if (stride != 1 || in_channels != planes) {
    projection_ = MakeConvolution({in_channels, planes, 1, stride});
    projection_norm_ = Norm(options.norm, planes);
    register_module("downsample", torch::nn::Sequential(projection_, projection_norm_));
  }
}

torch::Tensor BasicBlockImpl::forward(const torch::Tensor& x) {
  const torch::Tensor branch = bn2_(conv2_(torch::relu(bn1_(conv1_(x)))));
  const torch::Tensor identity = projection_ ? projection_norm_(projection_(x)) : x;
  return torch::relu(branch + identity);
}

void BasicBlockImpl::Fold() {
  bn1_->FoldInto(conv1_);
  bn2_->FoldInto(conv2_);
  if (projection_)
    projection_norm_->FoldInto(projection_);
}

ResNetBodyImpl::ResNetBodyImpl(const ResNetOptions& options) : options_(options) {
  conv1_ =
      register_module("conv1", MakeConvolution({options.in_channels, options.base_width, 7, 2}));
  bn1_ = register_module("bn1", Norm(options.norm, options.base_width));
  std::int64_t channels = options.base_width;
  for (std::size_t stage = 0; stage < options.blocks.size(); ++stage) {
    if (options.blocks[stage] == 0)
      break;
    const std::int64_t planes = options.base_width << stage;
    torch::nn::Sequential layer;
    for (int block = 0; block < options.blocks[stage]; ++block) {
      const std::int64_t stride = block == 0 && stage > 0 ? 2 : 1;
      if (options.bottleneck) {
        layer->push_back(Bottleneck(channels, planes, stride, options));
      } else {
        layer->push_back(BasicBlock(channels, planes, stride, options));
      }
      channels = OutChannels()[stage];
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
  const std::int64_t expansion =
      options_.bottleneck ? BottleneckImpl::kExpansion : BasicBlockImpl::kExpansion;
  std::array<std::int64_t, 4> channels{};
  for (std::size_t stage = 0; stage < channels.size(); ++stage) {
    channels[stage] = (options_.base_width << stage) * expansion;
  }
  return channels;
}

void ResNetBodyImpl::Fold() {
  bn1_->FoldInto(conv1_);
  for (auto& layer : layers_) {
    for (auto& block : layer->children()) {
      if (auto* bottleneck = block->as<BottleneckImpl>())
        bottleneck->Fold();
      if (auto* basic = block->as<BasicBlockImpl>())
        basic->Fold();
    }
  }
}

}  // namespace necknode::models
