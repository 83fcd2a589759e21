#pragma once

#include <torch/nn.h>

#include "models/package.h"
#include "models/resnet.h"

namespace necknode::models {

/// The paper's A-ResNet50-W: ResNet-50 bottlenecks with the inner width times width_factor and
/// coordinate attention. Parameters are named as torchvision's wide_resnet50_2 (conv1, bn1,
/// layer1..4, fc) plus `attention` in each block. One output: the malignant logit, log odds of
/// metastatic against benign.
class WideResNetImpl : public ResNetBodyImpl {
 public:
  /// `outputs`: 1 but where another network's weights are compared. Throws Error(kModel) naming the
  /// field of `config` that is out of range.
  explicit WideResNetImpl(const ClassifierConfig& config, std::int64_t outputs = 1);
  /// [N, C, S, S] float, values about -1..1 -> [N, outputs] logits.
  torch::Tensor forward(const torch::Tensor& rois);
  /// [N, C, S, S] -> [N] malignant logits.
  torch::Tensor MalignantLogit(const torch::Tensor& rois);
  [[nodiscard]] const ClassifierConfig& config() const { return config_; }

 private:
  ClassifierConfig config_;
  torch::nn::Linear fc_{nullptr};
};
TORCH_MODULE(WideResNet);

}  // namespace necknode::models
