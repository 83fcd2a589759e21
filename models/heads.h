#pragma once

#include <array>
#include <utility>
#include <vector>

#include <torch/nn.h>

namespace necknode::models {

/// Feature pyramid (Lin et al. 2017): 1x1 laterals, nearest upsampling, addition, 3x3. Names:
/// inner_blocks.i.0, layer_blocks.i.0.
class FpnImpl : public torch::nn::Module {
 public:
  FpnImpl(const std::array<std::int64_t, 4>& in_channels, std::int64_t channels);
  /// C2..C5 -> P2..P6, each [N, channels, h, w]; P6 is every second pixel of P5.
  std::vector<torch::Tensor> forward(const std::vector<torch::Tensor>& stages);

 private:
  std::vector<torch::nn::Conv2d> inner_, layer_;
};
TORCH_MODULE(Fpn);

/// 3x3 (in_channels to channels) and ReLU, then 1x1 to one score and to four deltas per anchor.
/// Names: conv.0.0, cls_logits, bbox_pred.
class RpnHeadImpl : public torch::nn::Module {
 public:
  RpnHeadImpl(std::int64_t in_channels, std::int64_t channels, std::int64_t anchors);
  /// [N, in_channels, h, w] -> logits [N, h w a], deltas [N, h w a, 4], by row, column, anchor.
  std::pair<torch::Tensor, torch::Tensor> forward(const torch::Tensor& level);

 private:
  torch::nn::Conv2d conv_{nullptr}, cls_logits_{nullptr}, bbox_pred_{nullptr};
};
TORCH_MODULE(RpnHead);

/// Two fully connected layers on the flattened 7 x 7 RoI. Names: fc6, fc7.
class BoxHeadImpl : public torch::nn::Module {
 public:
  BoxHeadImpl(std::int64_t in_features, std::int64_t channels);
  /// [R, F, 7, 7] -> [R, channels].
  torch::Tensor forward(const torch::Tensor& rois);

 private:
  torch::nn::Linear fc6_{nullptr}, fc7_{nullptr};
};
TORCH_MODULE(BoxHead);

/// Names: cls_score, bbox_pred.
class BoxPredictorImpl : public torch::nn::Module {
 public:
  BoxPredictorImpl(std::int64_t channels, std::int64_t classes);
  /// [R, channels] -> logits [R, classes], deltas [R, 4 classes].
  std::pair<torch::Tensor, torch::Tensor> forward(const torch::Tensor& x);

 private:
  torch::nn::Linear cls_score_{nullptr}, bbox_pred_{nullptr};
};
TORCH_MODULE(BoxPredictor);

}  // namespace necknode::models
