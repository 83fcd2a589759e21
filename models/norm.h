#pragma once

#include <string>

#include <torch/nn.h>

namespace necknode::models {

/// Normalisation of [N, C, H, W] with a scale and a shift per channel; parameters and buffers are
/// named as torchvision names them. `kind`:
///   "batch"  - batch norm, momentum 0.1, running statistics (weight, bias, running_mean,
///   running_var,
///              num_batches_tracked);
///   "frozen" - the same with fixed statistics, everything a buffer, nothing trained (torchvision's
///              FrozenBatchNorm2d);
///   "group"  - group norm of up to 8 groups of at least 2 channels (weight, bias).
/// Throws Error(kModel) on any other kind.
class NormImpl : public torch::nn::Module {
 public:
  NormImpl(const std::string& kind, std::int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);
  /// The last norm of a residual branch: weight 0, so that the block begins as the identity.
  void ZeroInit();
  /// Moves this norm into the convolution before it (inference only) and becomes the identity. Does
  /// nothing for "group", whose statistics come from the input.
  void FoldInto(torch::nn::Conv2d& convolution);

  torch::Tensor weight, bias, running_mean, running_var, num_batches_tracked;

 private:
  enum class Kind { kBatch, kFrozen, kGroup };
  Kind kind_;
  std::int64_t groups_ = 1;
  bool folded_ = false;
};
TORCH_MODULE(Norm);

}  // namespace necknode::models
