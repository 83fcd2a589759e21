#pragma once

#include <array>
#include <string>
#include <vector>

#include <torch/nn.h>

#include "models/norm.h"

namespace necknode::models {

/// Coordinate attention (Hou, Zhou and Feng, "Coordinate Attention for Efficient Mobile Network
/// Design", CVPR 2021): the map is averaged along each axis, both averages go through one shared
/// 1x1 convolution (reduction 32, at least 8 channels, h-swish), and two 1x1 convolutions with a
/// sigmoid give a gate per row and one per column, by which the map is multiplied. Names as the
/// authors' code has them: conv1, bn1, conv_h, conv_w.
class CoordinateAttentionImpl : public torch::nn::Module {
 public:
  CoordinateAttentionImpl(std::int64_t channels, const std::string& norm);
  /// [N, C, H, W] -> the same shape.
  torch::Tensor forward(const torch::Tensor& x);
  void Fold();

 private:
  torch::nn::Conv2d conv1_{nullptr}, conv_h_{nullptr}, conv_w_{nullptr};
  Norm bn1_{nullptr};
};
TORCH_MODULE(CoordinateAttention);

/// What the blocks of a ResNet are made of. The ResNet-50 of torchvision with the defaults.
struct ResNetOptions {
  std::int64_t in_channels = 3;
  std::int64_t base_width = 64;   ///< planes of the first stage, and channels of the stem
  std::int64_t width_factor = 1;  ///< inner channels of a bottleneck over its planes
  bool attention = false;         ///< coordinate attention after the last 1x1, before the addition
  std::string norm = "batch";     ///< see NormImpl
  std::array<int, 4> blocks = {3, 4, 6, 3};  ///< 0: the network ends with the stage before
  bool bottleneck = true;  ///< false: BasicBlock, which knows no width_factor, attention or groups
  /// ResNeXt where above 1: groups of a bottleneck's 3x3, each of group_width channels in the first
  /// stage and twice as many in each further; width_factor is not used then.
  std::int64_t groups = 1, group_width = 0;
};

/// 1x1, 3x3 (with the stride), 1x1 to 4 x planes, plus the identity or its 1x1 projection (He et
/// al. 2016, stride in the 3x3 as torchvision). Where the norm is "group" the last one begins at
/// zero.
class BottleneckImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kExpansion = 4;
  BottleneckImpl(std::int64_t in_channels,
                 std::int64_t planes,
                 std::int64_t stride,
                 const ResNetOptions& options);
  torch::Tensor forward(const torch::Tensor& x);
  void Fold();

 private:
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr}, conv3_{nullptr}, projection_{nullptr};
  Norm bn1_{nullptr}, bn2_{nullptr}, bn3_{nullptr}, projection_norm_{nullptr};
  CoordinateAttention attention_{nullptr};
};
TORCH_MODULE(Bottleneck);

/// 3x3 (with the stride) and 3x3, plus the identity or its 1x1 projection (He et al. 2016), as in
/// ResNet-34. Where the norm is "group" the last one begins at zero.
class BasicBlockImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kExpansion = 1;
  BasicBlockImpl(std::int64_t in_channels,
                 std::int64_t planes,
                 std::int64_t stride,
                 const ResNetOptions& options);
  torch::Tensor forward(const torch::Tensor& x);
  void Fold();

 private:
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr}, projection_{nullptr};
  Norm bn1_{nullptr}, bn2_{nullptr}, projection_norm_{nullptr};
};
TORCH_MODULE(BasicBlock);

/// Stem and four stages: conv1, bn1, layer1..layer4.
class ResNetBodyImpl : public torch::nn::Module {
 public:
  explicit ResNetBodyImpl(const ResNetOptions& options);
  /// [N, C, H, W] -> C2..C5 at strides 4, 8, 16, 32 with 1, 2, 4, 8 times base_width channels,
  /// times 4 where the blocks are bottlenecks.
  std::vector<torch::Tensor> forward(const torch::Tensor& x);
  /// Channels of C2..C5.
  [[nodiscard]] std::array<std::int64_t, 4> OutChannels() const;
  /// Moves batch norms into the convolutions before them. Inference only: the module can no longer
  /// be saved.
  void Fold();

 private:
  ResNetOptions options_;
  torch::nn::Conv2d conv1_{nullptr};
  Norm bn1_{nullptr};
  std::vector<torch::nn::Sequential> layers_;
};
TORCH_MODULE(ResNetBody);

}  // namespace necknode::models
