#include "models/resnet_classifier.h"

#include <algorithm>

#include "models/resnet.h"

namespace necknode::models {
namespace {

ResNetOptions OptionsOf(const ClassifierConfig& config) {
  ResNetOptions options;
  options.in_channels = config.in_channels;
  options.base_width = config.base_width;
  options.width_factor = config.width_factor;
  options.attention = config.attention;
  options.norm = config.norm;
  return options;
}

/// Body, mean over the map, linear layer.
class ResNetClassifier : public Classifier {
 public:
  ResNetClassifier(const ClassifierConfig& config,
                   const ResNetOptions& options,
                   std::int64_t outputs)
      : Classifier(config), body_(options) {
    // torchvision's names have no body in between.
    for (const auto& part : body_->named_children())
      register_module(part.key(), part.value());
    fc_ = register_module("fc", torch::nn::Linear(body_->OutChannels().back(), outputs));
  }

  void Fold() override { body_->Fold(); }

 protected:
  torch::Tensor Logits(const torch::Tensor& rois) override {
    return fc_(body_(rois).back().mean({2, 3}));
  }

 private:
  ResNetBody body_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace

std::shared_ptr<Classifier> MakeResNet50(const ClassifierConfig& config, std::int64_t outputs) {
  return std::make_shared<ResNetClassifier>(config, OptionsOf(config), outputs);
}

std::shared_ptr<Classifier> MakeResNet34(const ClassifierConfig& config, std::int64_t outputs) {
  ResNetOptions options = OptionsOf(config);
  options.bottleneck = false;
  return std::make_shared<ResNetClassifier>(config, options, outputs);
}

std::shared_ptr<Classifier> MakeResNext50(const ClassifierConfig& config, std::int64_t outputs) {
  ResNetOptions options = OptionsOf(config);
  options.groups = std::max<std::int64_t>(2, config.base_width / 2);
  options.group_width = 4;
  return std::make_shared<ResNetClassifier>(config, options, outputs);
}

}  // namespace necknode::models
