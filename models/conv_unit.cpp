#include "models/conv_unit.h"

#include <algorithm>

namespace necknode::models {

std::int64_t WidthOf(std::int64_t channels, int base_width) {
  return std::max<std::int64_t>(4, channels * base_width / 64);
}

ConvUnitImpl::ConvUnitImpl(const ConvUnitOptions& options) : slope_(options.slope) {
  conv_ = register_module(
      "conv",
      torch::nn::Conv2d(torch::nn::Conv2dOptions(options.in, options.out, options.kernel)
                            .stride(options.stride)
                            .padding(options.kernel / 2)
                            .bias(false)));
  torch::nn::init::kaiming_normal_(conv_->weight, slope_, torch::kFanOut, torch::kLeakyReLU);
  norm_ = register_module("norm", Norm(options.norm, options.out));
}

torch::Tensor ConvUnitImpl::forward(const torch::Tensor& x) {
  const torch::Tensor y = norm_(conv_(x));
  return slope_ == 0 ? torch::relu(y) : torch::leaky_relu(y, slope_);
}

void ConvUnitImpl::Fold() { norm_->FoldInto(conv_); }

}  // namespace necknode::models
