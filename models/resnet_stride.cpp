#include "models/resnet_stride.h"

#include <string>

#include "core/error.h"

namespace necknode::models {
namespace {

torch::nn::Conv2dImpl& ConvolutionOf(torch::nn::Module& module, const std::string& name) {
  const auto children = module.named_children();
  const auto* found = children.find(name);
  auto* convolution = found != nullptr ? (*found)->as<torch::nn::Conv2dImpl>() : nullptr;
  if (convolution == nullptr)
    throw Error(ErrorCode::kInternal, "no convolution " + name + " in a block of ResNet");
  return *convolution;
}

}  // namespace

void KeepResolution(ResNetBodyImpl& body, int stage, bool dilate) {
  const auto layer = body.named_children()["layer" + std::to_string(stage)];
  bool first = true;
  for (const auto& block : layer->children()) {
    torch::nn::Conv2dImpl& inner = ConvolutionOf(*block, "conv2");
    inner.options.stride(1);
    if (first) {
      ConvolutionOf(*block->named_children()["downsample"], "0").options.stride(1);
    } else if (dilate) {
      inner.options.dilation(2).padding(torch::ExpandingArray<2>(2));
    }
    first = false;
  }
}

}  // namespace necknode::models
