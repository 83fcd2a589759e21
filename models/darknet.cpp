#include "models/darknet.h"

#include <algorithm>
#include <memory>

namespace necknode::models {
namespace {

constexpr std::array<int, 5> kBlocks = {1, 2, 8, 8, 4};
constexpr std::int64_t kStemChannels = 32;

}  // namespace

std::shared_ptr<ConvBlock> MakeDarknetUnit(const ConvolutionShape& shape, const std::string& norm) {
  return std::make_shared<ConvBlock>(shape, norm, Activation::kLeakyRelu);
}

std::int64_t DarknetChannels(std::int64_t channels, int base_width) {
  constexpr std::int64_t kDivisor = 4;
  return ScaleChannels(channels, base_width, kDivisor);
}

DarknetImpl::DarknetImpl(std::int64_t in_channels, int base_width, const std::string& norm) {
  const auto unit = [&](torch::nn::Module& owner,
                        const std::string& name,
                        std::int64_t in,
                        std::int64_t out,
                        std::int64_t kernel,
                        std::int64_t stride = 1) {
    return owner.register_module(name, MakeDarknetUnit({in, out, kernel, stride}, norm));
  };
  std::int64_t channels = DarknetChannels(kStemChannels, base_width);
  stem_ = unit(*this, "stem", in_channels, channels, 3);
  for (std::size_t i = 0; i < kBlocks.size(); ++i) {
    const std::string name = "stage" + std::to_string(i + 1);
    const auto group = register_module(name, std::make_shared<torch::nn::Module>(name));
    const std::int64_t out = DarknetChannels(kStemChannels << (i + 1), base_width);
    Stage stage;
    stage.down = unit(*group, "down", channels, out, 3, /*stride=*/2);
    for (int block = 1; block <= kBlocks[i]; ++block) {
      const std::string block_name = "block" + std::to_string(block);
      const auto pair =
          group->register_module(block_name, std::make_shared<torch::nn::Module>(block_name));
      const std::int64_t half = std::max<std::int64_t>(4, out / 2);
      stage.blocks.push_back(
          {unit(*pair, "reduce", out, half, 1), unit(*pair, "expand", half, out, 3)});
    }
    stages_.push_back(stage);
    channels = out;
    if (i >= 2)
      out_channels_[i - 2] = out;
  }
}

std::vector<torch::Tensor> DarknetImpl::forward(const torch::Tensor& x) {
  std::vector<torch::Tensor> maps;
  torch::Tensor y = stem_->forward(x);
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    y = stages_[i].down->forward(y);
    for (const auto& [reduce, expand] : stages_[i].blocks)
      y = y + expand->forward(reduce->forward(y));
    if (i >= 2)
      maps.push_back(y);
  }
  return maps;
}

void DarknetImpl::Fold() {
  stem_->Fold();
  for (Stage& stage : stages_) {
    stage.down->Fold();
    for (auto& block : stage.blocks) {
      for (const auto& unit : block)
        unit->Fold();
    }
  }
}

}  // namespace necknode::models
