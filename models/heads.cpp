#include "models/heads.h"

#include <torch/nn/functional/upsampling.h>

namespace necknode::models {

FpnImpl::FpnImpl(const std::array<std::int64_t, 4>& in_channels, std::int64_t channels) {
  torch::nn::ModuleList inner_blocks, layer_blocks;
  for (const std::int64_t in : in_channels) {
    torch::nn::Conv2d inner(torch::nn::Conv2dOptions(in, channels, 1));
    torch::nn::Conv2d layer(torch::nn::Conv2dOptions(channels, channels, 3).padding(1));
    for (auto& convolution : {inner, layer}) {
      torch::nn::init::kaiming_uniform_(convolution->weight, 1.0);
      torch::nn::init::zeros_(convolution->bias);
    }
    inner_blocks->push_back(torch::nn::Sequential(inner));
    layer_blocks->push_back(torch::nn::Sequential(layer));
    inner_.push_back(inner);
    layer_.push_back(layer);
  }
  register_module("inner_blocks", inner_blocks);
  register_module("layer_blocks", layer_blocks);
}

std::vector<torch::Tensor> FpnImpl::forward(const std::vector<torch::Tensor>& stages) {
  namespace F = torch::nn::functional;
  std::vector<torch::Tensor> levels(inner_.size() + 1);
  torch::Tensor sum;
  for (std::size_t i = inner_.size(); i-- > 0;) {
    torch::Tensor lateral = inner_[i](stages[i]);
    if (sum.defined()) {
      const std::vector<std::int64_t> size = {lateral.size(2), lateral.size(3)};
      lateral = lateral +
                F::interpolate(sum, F::InterpolateFuncOptions().size(size).mode(torch::kNearest));
    }
    sum = lateral;
    levels[i] = layer_[i](sum);
  }
  levels.back() = torch::max_pool2d(levels[levels.size() - 2], /*kernel_size=*/1, /*stride=*/2);
  return levels;
}

RpnHeadImpl::RpnHeadImpl(std::int64_t in_channels, std::int64_t channels, std::int64_t anchors) {
  conv_ = torch::nn::Conv2d(torch::nn::Conv2dOptions(in_channels, channels, 3).padding(1));
  torch::nn::ModuleList conv;
  conv->push_back(torch::nn::ModuleList(conv_));
  register_module("conv", conv);
  cls_logits_ = register_module("cls_logits",
                                torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, anchors, 1)));
  bbox_pred_ = register_module(
      "bbox_pred", torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, 4 * anchors, 1)));
  for (auto& convolution : {conv_, cls_logits_, bbox_pred_}) {
    torch::nn::init::normal_(convolution->weight, 0.0, 0.01);
    torch::nn::init::zeros_(convolution->bias);
  }
}

std::pair<torch::Tensor, torch::Tensor> RpnHeadImpl::forward(const torch::Tensor& level) {
  const torch::Tensor x = torch::relu(conv_(level));
  const std::int64_t images = x.size(0);
  // Channels to the back: [N, h, w, a] and [N, h, w, 4 a].
  return {cls_logits_(x).permute({0, 2, 3, 1}).reshape({images, -1}),
          bbox_pred_(x).permute({0, 2, 3, 1}).reshape({images, -1, 4})};
}

BoxHeadImpl::BoxHeadImpl(std::int64_t in_features, std::int64_t channels) {
  fc6_ = register_module("fc6", torch::nn::Linear(in_features, channels));
  fc7_ = register_module("fc7", torch::nn::Linear(channels, channels));
}

torch::Tensor BoxHeadImpl::forward(const torch::Tensor& rois) {
  return torch::relu(fc7_(torch::relu(fc6_(rois.flatten(1)))));
}

BoxPredictorImpl::BoxPredictorImpl(std::int64_t channels, std::int64_t classes) {
  cls_score_ = register_module("cls_score", torch::nn::Linear(channels, classes));
  bbox_pred_ = register_module("bbox_pred", torch::nn::Linear(channels, 4 * classes));
}

std::pair<torch::Tensor, torch::Tensor> BoxPredictorImpl::forward(const torch::Tensor& x) {
  return {cls_score_(x), bbox_pred_(x)};
}

}  // namespace necknode::models
