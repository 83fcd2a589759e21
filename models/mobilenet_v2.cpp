#include "models/mobilenet_v2.h"

#include <algorithm>
#include <array>

#include "models/features_classifier.h"

namespace necknode::models {
namespace {

constexpr std::int64_t kDivisor = 8;

struct Stage {
  std::int64_t expansion, channels, blocks, stride;
};
constexpr std::array<Stage, 7> kStages{{{1, 16, 1, 1},
                                        {6, 24, 2, 2},
                                        {6, 32, 3, 2},
                                        {6, 64, 4, 2},
                                        {6, 96, 3, 1},
                                        {6, 160, 3, 2},
                                        {6, 320, 1, 1}}};
constexpr std::int64_t kStem = 32, kLast = 1280;

/// 1x1 to the expanded channels, depthwise 3x3, 1x1 without activation; the input is added where
/// the shape stays.
class InvertedResidual : public Block {
 public:
  InvertedResidual(std::int64_t in,
                   std::int64_t out,
                   std::int64_t stride,
                   std::int64_t expansion,
                   const std::string& norm)
      : adds_input_(stride == 1 && in == out) {
    const auto parts = register_module("conv", std::make_shared<torch::nn::Module>());
    const std::int64_t inner = in * expansion;
    if (expansion != 1) {
      expand_ = parts->register_module(
          "0", std::make_shared<ConvBlock>(ConvolutionShape{in, inner}, norm, Activation::kRelu6));
    }
    const std::size_t next = parts->children().size();
    depthwise_ = parts->register_module(
        std::to_string(next),
        std::make_shared<ConvBlock>(
            ConvolutionShape{inner, inner, 3, stride, inner}, norm, Activation::kRelu6));
    project_ =
        ConvNorm(*parts, std::to_string(next + 1), std::to_string(next + 2), {inner, out}, norm);
  }

  torch::Tensor forward(const torch::Tensor& x) override {
    const torch::Tensor expanded = expand_ ? expand_->forward(x) : x;
    const torch::Tensor branch = project_(depthwise_->forward(expanded));
    return adds_input_ ? x + branch : branch;
  }

  void Fold() override {
    if (expand_)
      expand_->Fold();
    depthwise_->Fold();
    project_.Fold();
  }

 private:
  bool adds_input_;
  std::shared_ptr<ConvBlock> expand_, depthwise_;
  ConvNorm project_;
};

class MobileNetV2 : public FeaturesClassifier {
 public:
  MobileNetV2(const ClassifierConfig& config, std::int64_t outputs) : FeaturesClassifier(config) {
    const int width = config.base_width;
    const auto conv = [&](const ConvolutionShape& shape) {
      return std::make_shared<ConvBlock>(shape, config.norm, Activation::kRelu6);
    };
    std::int64_t channels = ScaleChannels(kStem, width, kDivisor);
    Append(conv({config.in_channels, channels, 3, 2}));
    for (const Stage& stage : kStages) {
      const std::int64_t out = ScaleChannels(stage.channels, width, kDivisor);
      for (std::int64_t block = 0; block < stage.blocks; ++block) {
        Append(std::make_shared<InvertedResidual>(
            channels, out, block == 0 ? stage.stride : 1, stage.expansion, config.norm));
        channels = out;
      }
    }
    const std::int64_t last = ScaleChannels(kLast, std::max(width, 64), kDivisor);
    Append(conv({channels, last}));
    Finish(last, outputs);
  }
};

}  // namespace

std::shared_ptr<Classifier> MakeMobileNetV2(const ClassifierConfig& config, std::int64_t outputs) {
  return std::make_shared<MobileNetV2>(config, outputs);
}

}  // namespace necknode::models
