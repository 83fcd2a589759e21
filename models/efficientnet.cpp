#include "models/efficientnet.h"

#include <algorithm>
#include <array>

#include "models/features_classifier.h"

namespace necknode::models {
namespace {

constexpr std::int64_t kDivisor = 8;
constexpr double kStochasticDepth = 0.2;

struct Stage {
  std::int64_t expansion, kernel, stride, channels, blocks;
};
constexpr std::array<Stage, 7> kStages{{{1, 3, 1, 16, 1},
                                        {6, 3, 2, 24, 2},
                                        {6, 5, 2, 40, 2},
                                        {6, 3, 2, 80, 3},
                                        {6, 5, 1, 112, 3},
                                        {6, 5, 2, 192, 4},
                                        {6, 3, 1, 320, 1}}};
constexpr std::int64_t kStem = 32;

/// 1x1 to the expanded channels, depthwise, squeeze and excitation, 1x1 without activation; the
/// input is added where the shape stays, and the branch then dropped with `drop` while training.
class MBConv : public Block {
 public:
  MBConv(
      std::int64_t in, const Stage& stage, std::int64_t out, double drop, const std::string& norm)
      : adds_input_(stage.stride == 1 && in == out), drop_(drop) {
    const std::int64_t inner = in * stage.expansion;
    const auto conv = [&](const ConvolutionShape& shape, Activation activation) {
      return std::make_shared<ConvBlock>(shape, norm, activation);
    };
    if (inner != in)
      block_->Append(conv({in, inner}, Activation::kSilu));
    block_->Append(conv({inner, inner, stage.kernel, stage.stride, inner}, Activation::kSilu));
    block_->Append(std::make_shared<SqueezeExcitation>(
        inner, std::max<std::int64_t>(1, in / 4), Activation::kSilu));
    block_->Append(conv({inner, out}, Activation::kNone));
    register_module("block", block_);
  }

  torch::Tensor forward(const torch::Tensor& x) override {
    const torch::Tensor branch = block_->forward(x);
    return adds_input_ ? x + DropBranch(branch, drop_, is_training()) : branch;
  }

  void Fold() override { block_->Fold(); }

 private:
  bool adds_input_;
  double drop_;
  std::shared_ptr<Chain> block_ = std::make_shared<Chain>();
};

class EfficientNetB0 : public FeaturesClassifier {
 public:
  EfficientNetB0(const ClassifierConfig& config, std::int64_t outputs)
      : FeaturesClassifier(config) {
    const int width = config.base_width;
    const auto conv = [&](const ConvolutionShape& shape) {
      return std::make_shared<ConvBlock>(shape, config.norm, Activation::kSilu);
    };
    std::int64_t channels = ScaleChannels(kStem, width, kDivisor);
    Append(conv({config.in_channels, channels, 3, 2}));
    std::int64_t all = 0, done = 0;
    for (const Stage& stage : kStages)
      all += stage.blocks;
    for (Stage stage : kStages) {
      const std::int64_t out = ScaleChannels(stage.channels, width, kDivisor);
      const auto blocks = std::make_shared<Chain>();
      for (std::int64_t block = 0; block < stage.blocks; ++block) {
        const double drop =
            kStochasticDepth * static_cast<double>(done++) / static_cast<double>(all);
        blocks->Append(std::make_shared<MBConv>(channels, stage, out, drop, config.norm));
        channels = out;
        stage.stride = 1;
      }
      Append(blocks);
    }
    const std::int64_t last = 4 * channels;
    Append(conv({channels, last}));
    Finish(last, outputs);
  }
};

}  // namespace

std::shared_ptr<Classifier> MakeEfficientNetB0(const ClassifierConfig& config,
                                               std::int64_t outputs) {
  return std::make_shared<EfficientNetB0>(config, outputs);
}

}  // namespace necknode::models
