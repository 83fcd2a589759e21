#pragma once

#include <memory>

#include "models/classifier.h"

namespace necknode::models {

/// ResNet-50 (He et al., CVPR 2016) and the paper's ablations of it, by config.width_factor and
/// config.attention: ResNet50 (1, no), A-ResNet50 (1, yes), ResNet50-W (2, no), A-ResNet50-W
/// (2, yes).
/// - W: twice the channels inside each bottleneck, after Zagoruyko and Komodakis (BMVC 2016);
///   torchvision's wide_resnet50_2.
/// - A: coordinate attention (Hou, Zhou and Feng, CVPR 2021) in each bottleneck. The paper shows
///   its place only in a figure: here after the last 1x1 and its norm, before the addition, as
///   squeeze and excitation is placed; reduction 32, at least 8 channels, h-swish.
/// The paper's Table 1 prints the same block for every stage; this is the original: 3, 4, 6, 3
/// blocks of 64, 128, 256, 512 channels (times 4 out), stride in the 3x3 as torchvision.
[[nodiscard]] std::shared_ptr<Classifier> MakeResNet50(const ClassifierConfig& config,
                                                       std::int64_t outputs);

/// ResNet-34 (He et al., CVPR 2016): 3, 4, 6, 3 blocks of two 3x3; torchvision's resnet34.
[[nodiscard]] std::shared_ptr<Classifier> MakeResNet34(const ClassifierConfig& config,
                                                       std::int64_t outputs);

/// ResNeXt-50 32x4d (Xie et al., CVPR 2017): the 3x3 of each bottleneck in 32 groups of 4, 8, 16,
/// 32 channels; torchvision's resnext50_32x4d. A smaller base_width has fewer groups of the same
/// channels.
[[nodiscard]] std::shared_ptr<Classifier> MakeResNext50(const ClassifierConfig& config,
                                                        std::int64_t outputs);

}  // namespace necknode::models
