#include "models/shufflenet_v2.h"

#include <array>

#include "models/conv_blocks.h"

namespace necknode::models {
namespace {

constexpr std::int64_t kDivisor = 4;

struct Stage {
  std::int64_t channels, units;
};
constexpr std::array<Stage, 3> kStages{{{116, 4}, {232, 8}, {464, 4}}};
constexpr std::int64_t kStem = 24, kLast = 1024;

/// Interleaves the two halves of the channels: a0 a1 .. b0 b1 .. -> a0 b0 a1 b1 ..
torch::Tensor ShuffleHalves(const torch::Tensor& x) {
  const std::int64_t n = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3);
  return x.reshape({n, 2, c / 2, h, w}).transpose(1, 2).reshape({n, c, h, w});
}

/// Depthwise 3x3 with the stride, 1x1, ReLU: the way round of a unit that halves the map.
class ShortBranch : public Block {
 public:
  ShortBranch(std::int64_t in, std::int64_t out, const std::string& norm)
      : depthwise_(*this, "0", "1", {in, in, 3, 2, in}, norm),
        point_(*this, "2", "3", {in, out}, norm) {}
  torch::Tensor forward(const torch::Tensor& x) override {
    return torch::relu(point_(depthwise_(x)));
  }
  void Fold() override {
    depthwise_.Fold();
    point_.Fold();
  }

 private:
  ConvNorm depthwise_, point_;
};

/// 1x1, ReLU, depthwise 3x3 with the stride, 1x1, ReLU.
class LongBranch : public Block {
 public:
  LongBranch(std::int64_t in, std::int64_t out, std::int64_t stride, const std::string& norm)
      : first_(*this, "0", "1", {in, out}, norm),
        depthwise_(*this, "3", "4", {out, out, 3, stride, out}, norm),
        last_(*this, "5", "6", {out, out}, norm) {}
  torch::Tensor forward(const torch::Tensor& x) override {
    return torch::relu(last_(depthwise_(torch::relu(first_(x)))));
  }
  void Fold() override {
    first_.Fold();
    depthwise_.Fold();
    last_.Fold();
  }

 private:
  ConvNorm first_, depthwise_, last_;
};

/// The first unit of a stage halves the map and sends the whole input through both branches; the
/// others send the second half of the channels through branch2.
class ShuffleUnit : public Block {
 public:
  ShuffleUnit(std::int64_t in, std::int64_t out, bool first, const std::string& norm) {
    if (first)
      branch1_ = register_module("branch1", std::make_shared<ShortBranch>(in, out / 2, norm));
    branch2_ = register_module(
        "branch2",
        std::make_shared<LongBranch>(first ? in : out / 2, out / 2, first ? 2 : 1, norm));
  }
  torch::Tensor forward(const torch::Tensor& x) override {
    if (branch1_)
      return ShuffleHalves(torch::cat({branch1_->forward(x), branch2_->forward(x)}, 1));
    const auto halves = x.chunk(2, 1);
    return ShuffleHalves(torch::cat({halves[0], branch2_->forward(halves[1])}, 1));
  }
  void Fold() override {
    if (branch1_)
      branch1_->Fold();
    branch2_->Fold();
  }

 private:
  std::shared_ptr<ShortBranch> branch1_;
  std::shared_ptr<LongBranch> branch2_;
};

class ShuffleNetV2 : public Classifier {
 public:
  ShuffleNetV2(const ClassifierConfig& config, std::int64_t outputs) : Classifier(config) {
    const auto scaled = [&](std::int64_t channels) {
      return ScaleChannels(channels, config.base_width, kDivisor);
    };
    std::int64_t channels = scaled(kStem);
    stem_ = register_module(
        "conv1",
        std::make_shared<ConvBlock>(
            ConvolutionShape{config.in_channels, channels, 3, 2}, config.norm, Activation::kRelu));
    for (std::size_t i = 0; i < kStages.size(); ++i) {
      const std::int64_t out = scaled(kStages[i].channels);
      const auto stage = std::make_shared<Chain>();
      for (std::int64_t unit = 0; unit < kStages[i].units; ++unit) {
        stage->Append(std::make_shared<ShuffleUnit>(channels, out, unit == 0, config.norm));
        channels = out;
      }
      stages_.push_back(register_module("stage" + std::to_string(i + 2), stage));
    }
    const std::int64_t last = scaled(kLast);
    last_ = register_module("conv5",
                            std::make_shared<ConvBlock>(
                                ConvolutionShape{channels, last}, config.norm, Activation::kRelu));
    fc_ = register_module("fc", torch::nn::Linear(last, outputs));
  }

  void Fold() override {
    stem_->Fold();
    for (const auto& stage : stages_)
      stage->Fold();
    last_->Fold();
  }

 protected:
  torch::Tensor Logits(const torch::Tensor& rois) override {
    torch::Tensor y = torch::max_pool2d(stem_->forward(rois), /*kernel_size=*/3, 2, /*padding=*/1);
    for (const auto& stage : stages_)
      y = stage->forward(y);
    return fc_(last_->forward(y).mean({2, 3}));
  }

 private:
  std::shared_ptr<ConvBlock> stem_, last_;
  std::vector<std::shared_ptr<Chain>> stages_;
  torch::nn::Linear fc_{nullptr};
};

}  // namespace

std::shared_ptr<Classifier> MakeShuffleNetV2(const ClassifierConfig& config, std::int64_t outputs) {
  return std::make_shared<ShuffleNetV2>(config, outputs);
}

}  // namespace necknode::models
