#include "models/classifier.h"

#include "models/tensor_checks.h"

namespace necknode::models {
namespace {

ResNetOptions OptionsOf(const ClassifierConfig& config) {
  CheckConfig(config);
  ResNetOptions options;
  options.in_channels = config.in_channels;
  options.base_width = config.base_width;
  options.width_factor = config.width_factor;
  options.attention = config.attention;
  options.norm = config.norm;
  return options;
}

}  // namespace

WideResNetImpl::WideResNetImpl(const ClassifierConfig& config, std::int64_t outputs)
    : ResNetBodyImpl(OptionsOf(config)), config_(config) {
  fc_ = register_module("fc", torch::nn::Linear(OutChannels().back(), outputs));
}

torch::Tensor WideResNetImpl::forward(const torch::Tensor& rois) {
  CheckImages(rois, config_.in_channels, /*min_side=*/32);
  const torch::Tensor last =
      ResNetBodyImpl::forward(rois).back();  // [N, 32 base_width, S/32, S/32]
  return fc_(last.mean({2, 3}));
}

torch::Tensor WideResNetImpl::MalignantLogit(const torch::Tensor& rois) {
  return forward(rois).select(1, 0);
}

}  // namespace necknode::models
