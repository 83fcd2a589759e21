#pragma once

#include <cstdint>
#include <string>

#include <torch/nn.h>

#include "models/norm.h"

namespace necknode::models {

/// `channels` of a published network at base_width / 64 of its width, at least 4.
[[nodiscard]] std::int64_t WidthOf(std::int64_t channels, int base_width);

/// What a ConvUnit is made of.
struct ConvUnitOptions {
  std::int64_t in = 1, out = 1;
  std::int64_t kernel = 1, stride = 1;  ///< padded by kernel / 2
  double slope = 0;                     ///< of the activation below 0: 0 ReLU, else leaky
  std::string norm = "batch";           ///< see NormImpl
};

/// A square convolution without bias, a norm, a (leaky) ReLU. Names: conv, norm.
class ConvUnitImpl : public torch::nn::Module {
 public:
  explicit ConvUnitImpl(const ConvUnitOptions& options);
  /// [N, in, H, W] -> [N, out, ceil(H / stride), ceil(W / stride)].
  torch::Tensor forward(const torch::Tensor& x);
  /// Moves the norm into the convolution. Inference only.
  void Fold();

 private:
  double slope_;
  torch::nn::Conv2d conv_{nullptr};
  Norm norm_{nullptr};
};
TORCH_MODULE(ConvUnit);

}  // namespace necknode::models
