#include "models/densenet.h"

#include <array>

#include "models/conv_blocks.h"

namespace necknode::models {
namespace {

constexpr std::int64_t kGrowth = 32, kGrowthDivisor = 4;
constexpr std::int64_t kBottleneck = 4;  ///< channels between a layer's convolutions, over growth
constexpr std::array<int, 4> kLayers{6, 12, 24, 16};

/// Norm, ReLU, 1x1, norm, ReLU, 3x3: gives the input with `growth` channels behind it.
class DenseLayer : public Block {
 public:
  DenseLayer(std::int64_t in, std::int64_t growth, const std::string& norm)
      : norm1_(register_module("norm1", Norm(norm, in))),
        bottleneck_(*this, "conv1", "norm2", {in, kBottleneck * growth}, norm),
        conv2_(register_module("conv2", MakeConvolution({kBottleneck * growth, growth, 3}))) {}
  torch::Tensor forward(const torch::Tensor& x) override {
    const torch::Tensor added =
        conv2_(torch::relu(bottleneck_(torch::relu(norm1_(x)))));  // [N, growth, H, W]
    return torch::cat({x, added}, 1);
  }
  void Fold() override { bottleneck_.Fold(); }

 private:
  Norm norm1_{nullptr};
  ConvNorm bottleneck_;
  torch::nn::Conv2d conv2_{nullptr};
};

/// Between two blocks: half of the channels, half of the side.
class Transition : public Block {
 public:
  Transition(std::int64_t in, const std::string& norm)
      : norm_(register_module("norm", Norm(norm, in))),
        conv_(register_module("conv", MakeConvolution({in, in / 2}))) {}
  torch::Tensor forward(const torch::Tensor& x) override {
    return torch::avg_pool2d(conv_(torch::relu(norm_(x))), /*kernel_size=*/2, /*stride=*/2);
  }
  void Fold() override {}  // its norm stands before its convolution

 private:
  Norm norm_{nullptr};
  torch::nn::Conv2d conv_{nullptr};
};

class DenseNet121 : public Classifier {
 public:
  DenseNet121(const ClassifierConfig& config, std::int64_t outputs) : Classifier(config) {
    const std::int64_t growth = ScaleChannels(kGrowth, config.base_width, kGrowthDivisor);
    const auto features = register_module("features", std::make_shared<torch::nn::Module>());
    std::int64_t channels = 2 * growth;
    stem_ =
        ConvNorm(*features, "conv0", "norm0", {config.in_channels, channels, 7, 2}, config.norm);
    for (std::size_t i = 0; i < kLayers.size(); ++i) {
      const std::string number = std::to_string(i + 1);
      const auto block = std::make_shared<Chain>();
      for (int layer = 1; layer <= kLayers[i]; ++layer) {
        block->Append("denselayer" + std::to_string(layer),
                      std::make_shared<DenseLayer>(channels, growth, config.norm));
        channels += growth;
      }
      parts_.push_back(features->register_module("denseblock" + number, block));
      if (i + 1 < kLayers.size()) {
        parts_.push_back(features->register_module(
            "transition" + number, std::make_shared<Transition>(channels, config.norm)));
        channels /= 2;
      }
    }
    norm5_ = features->register_module("norm5", Norm(config.norm, channels));
    classifier_ = register_module("classifier", torch::nn::Linear(channels, outputs));
  }

  void Fold() override {
    stem_.Fold();
    for (const auto& part : parts_)
      part->Fold();
  }

 protected:
  torch::Tensor Logits(const torch::Tensor& rois) override {
    torch::Tensor y =
        torch::max_pool2d(torch::relu(stem_(rois)), /*kernel_size=*/3, 2, /*padding=*/1);
    for (const auto& part : parts_)
      y = part->forward(y);
    return classifier_(torch::relu(norm5_(y)).mean({2, 3}));
  }

 private:
  ConvNorm stem_;
  std::vector<std::shared_ptr<Block>> parts_;  ///< blocks and transitions by turns
  Norm norm5_{nullptr};
  torch::nn::Linear classifier_{nullptr};
};

}  // namespace

std::shared_ptr<Classifier> MakeDenseNet121(const ClassifierConfig& config, std::int64_t outputs) {
  return std::make_shared<DenseNet121>(config, outputs);
}

}  // namespace necknode::models
