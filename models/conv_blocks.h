#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <torch/nn.h>

#include "models/norm.h"

namespace necknode::models {

/// Shape of a square 2D convolution, padded by (kernel - 1) / 2.
struct ConvolutionShape {
  std::int64_t in = 1, out = 1;
  std::int64_t kernel = 1, stride = 1, groups = 1;
  bool bias = false;
};

/// Its weights begin normal with variance 2 / fan out (He et al. 2015), as torchvision's do.
[[nodiscard]] torch::nn::Conv2d MakeConvolution(const ConvolutionShape& shape);

/// `channels` of the published network at base_width / 64 of its width: the nearest multiple of
/// `divisor`, at least one of it and not below 90% of the exact value (Sandler et al. 2018).
/// base_width 64 gives multiples of `divisor` back as they are.
[[nodiscard]] std::int64_t ScaleChannels(std::int64_t channels,
                                         int base_width,
                                         std::int64_t divisor);

/// Slope of kLeakyRelu below 0: that of DarkNet-53 and YOLOv3.
inline constexpr double kLeakySlope = 0.1;
enum class Activation { kNone, kRelu, kRelu6, kSilu, kLeakyRelu };
[[nodiscard]] torch::Tensor Activate(const torch::Tensor& x, Activation activation);

/// Stochastic depth (Huang et al., ECCV 2016) of a residual branch [N, ...]: while training, each
/// row is 0 with `probability` and divided by 1 - probability otherwise; in eval mode unchanged.
[[nodiscard]] torch::Tensor DropBranch(const torch::Tensor& branch,
                                       double probability,
                                       bool training);

/// A part of a network, [N, C, H, W] -> [N, C', H', W'].
class Block : public torch::nn::Module {
 public:
  virtual torch::Tensor forward(const torch::Tensor& x) = 0;
  /// Moves batch norms into the convolutions before them. Inference only: the module can no longer
  /// be saved.
  virtual void Fold() = 0;
};

/// A convolution and the norm behind it, which `owner` holds under names of its own. No module
/// itself: torchvision numbers both among their neighbours.
class ConvNorm {
 public:
  ConvNorm() = default;  ///< to be assigned before use
  ConvNorm(torch::nn::Module& owner,
           const std::string& convolution_name,
           const std::string& norm_name,
           const ConvolutionShape& shape,
           const std::string& norm);
  torch::Tensor operator()(const torch::Tensor& x) { return norm_(convolution_(x)); }
  void Fold() { norm_->FoldInto(convolution_); }

 private:
  torch::nn::Conv2d convolution_{nullptr};
  Norm norm_{nullptr};
};

/// Convolution "0", norm "1", activation: torchvision's Conv2dNormActivation.
class ConvBlock : public Block {
 public:
  ConvBlock(const ConvolutionShape& shape, const std::string& norm, Activation activation);
  torch::Tensor forward(const torch::Tensor& x) override;
  void Fold() override;

 private:
  ConvNorm layer_;
  Activation activation_;
};

/// Blocks one after the other.
class Chain : public Block {
 public:
  void Append(const std::string& name, const std::shared_ptr<Block>& block);
  /// Named by its place: "0", "1", ...
  void Append(const std::shared_ptr<Block>& block);
  torch::Tensor forward(const torch::Tensor& x) override;
  void Fold() override;

 private:
  std::vector<std::shared_ptr<Block>> blocks_;
};

/// Squeeze and excitation (Hu, Shen and Sun, CVPR 2018): a gate per channel from the map's mean,
/// through 1x1 convolutions fc1 (to `squeezed` channels, with `activation`) and fc2 (sigmoid).
class SqueezeExcitation : public Block {
 public:
  SqueezeExcitation(std::int64_t channels, std::int64_t squeezed, Activation activation);
  torch::Tensor forward(const torch::Tensor& x) override;
  void Fold() override {}  // no norm

 private:
  torch::nn::Conv2d fc1_{nullptr}, fc2_{nullptr};
  Activation activation_;
};

}  // namespace necknode::models
