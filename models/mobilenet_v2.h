#pragma once

#include <memory>

#include "models/classifier.h"

namespace necknode::models {

/// MobileNetV2 (Sandler et al., CVPR 2018): inverted residuals with a linear end, depthwise 3x3,
/// ReLU6, dropout 0.2 before the last layer; torchvision's mobilenet_v2. Channels are scaled by
/// base_width / 64 in multiples of 8; the last 1280 are not narrowed, as the authors have it.
[[nodiscard]] std::shared_ptr<Classifier> MakeMobileNetV2(const ClassifierConfig& config,
                                                          std::int64_t outputs);

}  // namespace necknode::models
