#pragma once

#include <memory>

#include <torch/nn.h>

#include "models/package.h"

namespace necknode::models {

/// A network that judges regions of interest, whichever its architecture. The first output is the
/// malignant logit, log odds of metastatic against benign. Parameters are named as in torchvision's
/// network of that name, so that its weights load without a map; coordinate attention, which
/// torchvision lacks, is `attention` in each block. Dropout and stochastic depth act as published
/// while training and not in eval mode. All weights begin as LibTorch's and torchvision's defaults
/// do, from torch::manual_seed.
class Classifier : public torch::nn::Module {
 public:
  /// [N, C, S, S] float, values about -1..1, S at least 32 -> [N, outputs] logits. Throws
  /// Error(kInvalidArgument) with the shape on another.
  torch::Tensor forward(const torch::Tensor& rois);
  /// [N, C, S, S] -> [N] malignant logits.
  torch::Tensor MalignantLogit(const torch::Tensor& rois);
  /// Moves batch norms into the convolutions before them, where nothing stands between. Inference
  /// only: the module can no longer be saved or moved to another device.
  virtual void Fold() = 0;
  [[nodiscard]] const ClassifierConfig& config() const { return config_; }

 protected:
  explicit Classifier(ClassifierConfig config);
  /// `rois` of checked shape -> [N, outputs].
  virtual torch::Tensor Logits(const torch::Tensor& rois) = 0;

 private:
  ClassifierConfig config_;
};

/// The network of config.architecture, in training mode. `outputs`: 1 but where another network's
/// weights are compared. Throws Error(kModel) naming the field of `config` that is out of range.
[[nodiscard]] std::shared_ptr<Classifier> MakeClassifier(const ClassifierConfig& config,
                                                         std::int64_t outputs = 1);

}  // namespace necknode::models
