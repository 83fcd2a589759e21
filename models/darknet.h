#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <torch/nn.h>

#include "models/conv_blocks.h"

namespace necknode::models {

/// A square convolution, a norm, a leaky ReLU: what DarkNet-53 and YOLOv3 are made of.
[[nodiscard]] std::shared_ptr<ConvBlock> MakeDarknetUnit(const ConvolutionShape& shape,
                                                         const std::string& norm);

/// Channels of either at base_width / 64 of their width, at least 4.
[[nodiscard]] std::int64_t DarknetChannels(std::int64_t channels, int base_width);

/// DarkNet-53 without its classifier (Redmon and Farhadi, "YOLOv3", 2018, table 1): a 3x3, then
/// five stages, each a 3x3 of stride 2 and 1, 2, 8, 8, 4 residual blocks (1x1 to half the channels,
/// 3x3, addition). Names: stem, stage1..stage5, in them down and block1, block2, ...
class DarknetImpl : public torch::nn::Module {
 public:
  /// `base_width` 64: the published channels, 32 after the stem and 64 to 1024 after the stages.
  DarknetImpl(std::int64_t in_channels, int base_width, const std::string& norm);
  /// [N, C, H, W] -> the last three stages, at strides 8, 16, 32.
  std::vector<torch::Tensor> forward(const torch::Tensor& x);
  /// Channels of what forward gives.
  [[nodiscard]] const std::array<std::int64_t, 3>& OutChannels() const { return out_channels_; }
  void Fold();

 private:
  struct Stage {
    std::shared_ptr<ConvBlock> down;
    std::vector<std::array<std::shared_ptr<ConvBlock>, 2>> blocks;
  };
  std::array<std::int64_t, 3> out_channels_{};
  std::shared_ptr<ConvBlock> stem_;
  std::vector<Stage> stages_;
};
TORCH_MODULE(Darknet);

}  // namespace necknode::models
