#include "models/conv_blocks.h"

#include <algorithm>

namespace necknode::models {

torch::nn::Conv2d MakeConvolution(const ConvolutionShape& shape) {
  torch::nn::Conv2d convolution(torch::nn::Conv2dOptions(shape.in, shape.out, shape.kernel)
                                    .stride(shape.stride)
                                    .padding((shape.kernel - 1) / 2)
                                    .groups(shape.groups)
                                    .bias(shape.bias));
  torch::nn::init::kaiming_normal_(convolution->weight, 0.0, torch::kFanOut, torch::kReLU);
  return convolution;
}

std::int64_t ScaleChannels(std::int64_t channels, int base_width, std::int64_t divisor) {
  const double exact = static_cast<double>(channels) * base_width / 64;
  const auto below = static_cast<std::int64_t>(exact + static_cast<double>(divisor) / 2);
  const std::int64_t rounded = std::max(divisor, below / divisor * divisor);
  return static_cast<double>(rounded) < 0.9 * exact ? rounded + divisor : rounded;
}

torch::Tensor Activate(const torch::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return torch::relu(x);
    case Activation::kRelu6:
      return torch::clamp(x, 0, 6);
    case Activation::kSilu:
      return torch::silu(x);
    case Activation::kLeakyRelu:
      return torch::leaky_relu(x, kLeakySlope);
    case Activation::kNone:
      break;
  }
  return x;
}

torch::Tensor DropBranch(const torch::Tensor& branch, double probability, bool training) {
  if (!training || probability <= 0)
    return branch;
  std::vector<std::int64_t> rows(static_cast<std::size_t>(branch.dim()), 1);
  rows.front() = branch.size(0);
  const torch::Tensor kept = torch::empty(rows, branch.options()).bernoulli_(1 - probability);
  return branch * kept / (1 - probability);
}

ConvNorm::ConvNorm(torch::nn::Module& owner,
                   const std::string& convolution_name,
                   const std::string& norm_name,
                   const ConvolutionShape& shape,
                   const std::string& norm)
    : convolution_(owner.register_module(convolution_name, MakeConvolution(shape))),
      norm_(owner.register_module(norm_name, Norm(norm, shape.out))) {}

ConvBlock::ConvBlock(const ConvolutionShape& shape, const std::string& norm, Activation activation)
    : layer_(*this, "0", "1", shape, norm), activation_(activation) {}

torch::Tensor ConvBlock::forward(const torch::Tensor& x) {
  return Activate(layer_(x), activation_);
}

void ConvBlock::Fold() { layer_.Fold(); }

void Chain::Append(const std::string& name, const std::shared_ptr<Block>& block) {
  blocks_.push_back(register_module(name, block));
}

void Chain::Append(const std::shared_ptr<Block>& block) {
  Append(std::to_string(blocks_.size()), block);
}

torch::Tensor Chain::forward(const torch::Tensor& x) {
  torch::Tensor y = x;
  for (const auto& block : blocks_)
    y = block->forward(y);
  return y;
}

void Chain::Fold() {
  for (const auto& block : blocks_)
    block->Fold();
}

SqueezeExcitation::SqueezeExcitation(std::int64_t channels,
                                     std::int64_t squeezed,
                                     Activation activation)
    : activation_(activation) {
  fc1_ = register_module("fc1", MakeConvolution({channels, squeezed, 1, 1, 1, /*bias=*/true}));
  fc2_ = register_module("fc2", MakeConvolution({squeezed, channels, 1, 1, 1, /*bias=*/true}));
}

torch::Tensor SqueezeExcitation::forward(const torch::Tensor& x) {
  const torch::Tensor mean = x.mean({2, 3}, /*keepdim=*/true);  // [N, C, 1, 1]
  return x * torch::sigmoid(fc2_(Activate(fc1_(mean), activation_)));
}

}  // namespace necknode::models
