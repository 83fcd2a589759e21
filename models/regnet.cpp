#include "models/regnet.h"

#include <array>

#include "models/conv_blocks.h"

namespace necknode::models {
namespace {

constexpr std::int64_t kGroupWidth = 8;

struct Stage {
  std::int64_t channels, blocks;
};
/// What the article's rule gives for a depth of 16, w_0 48, w_a 27.89, w_m 2.09.
constexpr std::array<Stage, 4> kStages{{{48, 1}, {104, 3}, {208, 6}, {440, 6}}};
constexpr std::int64_t kStem = 32;

/// 1x1, grouped 3x3 with the stride, squeeze and excitation, 1x1, plus the input or its projection.
class YBlock : public Block {
 public:
  YBlock(std::int64_t in, std::int64_t out, std::int64_t stride, const std::string& norm) {
    const auto conv = [&](const ConvolutionShape& shape, Activation activation) {
      return std::make_shared<ConvBlock>(shape, norm, activation);
    };
    if (in != out || stride != 1)
      projection_ = register_module("proj", conv({in, out, 1, stride}, Activation::kNone));
    branch_->Append("a", conv({in, out}, Activation::kRelu));
    branch_->Append("b", conv({out, out, 3, stride, out / kGroupWidth}, Activation::kRelu));
    // A quarter of the block's input, not of what it gates.
    branch_->Append("se", std::make_shared<SqueezeExcitation>(out, in / 4, Activation::kRelu));
    branch_->Append("c", conv({out, out}, Activation::kNone));
    register_module("f", branch_);
  }

  torch::Tensor forward(const torch::Tensor& x) override {
    const torch::Tensor identity = projection_ ? projection_->forward(x) : x;
    return torch::relu(identity + branch_->forward(x));
  }

  void Fold() override {
    if (projection_)
      projection_->Fold();
    branch_->Fold();
  }

 private:
  std::shared_ptr<ConvBlock> projection_;
  std::shared_ptr<Chain> branch_ = std::make_shared<Chain>();
};

class RegNetY400MF : public Classifier {
 public:
  RegNetY400MF(const ClassifierConfig& config, std::int64_t outputs) : Classifier(config) {
    const auto scaled = [&](std::int64_t channels) {
      return ScaleChannels(channels, config.base_width, kGroupWidth);
    };
    std::int64_t channels = scaled(kStem);
    stem_ = register_module(
        "stem",
        std::make_shared<ConvBlock>(
            ConvolutionShape{config.in_channels, channels, 3, 2}, config.norm, Activation::kRelu));
    for (std::size_t i = 0; i < kStages.size(); ++i) {
      const std::string name = "block" + std::to_string(i + 1);
      const std::int64_t out = scaled(kStages[i].channels);
      const auto stage = std::make_shared<Chain>();
      for (std::int64_t block = 0; block < kStages[i].blocks; ++block) {
        stage->Append(name + "-" + std::to_string(block),
                      std::make_shared<YBlock>(channels, out, block == 0 ? 2 : 1, config.norm));
        channels = out;
      }
      trunk_->Append(name, stage);
    }
    register_module("trunk_output", trunk_);
    fc_ = register_module("fc", torch::nn::Linear(channels, outputs));
  }

  void Fold() override {
    stem_->Fold();
    trunk_->Fold();
  }

 protected:
  torch::Tensor Logits(const torch::Tensor& rois) override {
    return fc_(trunk_->forward(stem_->forward(rois)).mean({2, 3}));
  }

 private:
  std::shared_ptr<ConvBlock> stem_;
  std::shared_ptr<Chain> trunk_ = std::make_shared<Chain>();
  torch::nn::Linear fc_{nullptr};
};

}  // namespace

std::shared_ptr<Classifier> MakeRegNetY400MF(const ClassifierConfig& config, std::int64_t outputs) {
  return std::make_shared<RegNetY400MF>(config, outputs);
}

}  // namespace necknode::models
