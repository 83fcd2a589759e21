#pragma once

#include <memory>

#include "models/classifier.h"
#include "models/conv_blocks.h"

namespace necknode::models {

/// A classifier of torchvision's mobile form: `features`, a chain of blocks, their mean over the
/// RoI, dropout, and one linear layer `classifier.1`.
class FeaturesClassifier : public Classifier {
 public:
  void Fold() override { features_->Fold(); }

 protected:
  explicit FeaturesClassifier(const ClassifierConfig& config) : Classifier(config) {}
  torch::Tensor Logits(const torch::Tensor& rois) override {
    return classifier_->forward(features_->forward(rois).mean({2, 3}));
  }
  /// Adds a block of the features; all of them before Finish.
  void Append(const std::shared_ptr<Block>& block) { features_->Append(block); }
  /// Registers the features, whose last block gives `channels`, and the layers behind them.
  void Finish(std::int64_t channels, std::int64_t outputs) {
    constexpr double kDropout = 0.2;
    register_module("features", features_);
    classifier_ = register_module(
        "classifier",
        torch::nn::Sequential(torch::nn::Dropout(kDropout), torch::nn::Linear(channels, outputs)));
  }

 private:
  std::shared_ptr<Chain> features_ = std::make_shared<Chain>();
  torch::nn::Sequential classifier_{nullptr};
};

}  // namespace necknode::models
