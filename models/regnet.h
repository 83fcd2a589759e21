#pragma once

#include <memory>

#include "models/classifier.h"

namespace necknode::models {

/// RegNetY-400MF (Radosavovic et al., CVPR 2020): 1, 3, 6, 6 residual bottlenecks of 48, 104, 208,
/// 440 channels, 3x3 in groups of 8 channels, squeeze and excitation; torchvision's regnet_y_400mf.
/// The paper says only "RegNet": this is that article's better family (Y, with squeeze and
/// excitation) at the size of the other light networks of the comparison. Channels are scaled by
/// base_width / 64 in multiples of 8.
[[nodiscard]] std::shared_ptr<Classifier> MakeRegNetY400MF(const ClassifierConfig& config,
                                                           std::int64_t outputs);

}  // namespace necknode::models
