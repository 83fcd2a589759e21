#pragma once

#include <memory>

#include "models/classifier.h"

namespace necknode::models {

/// EfficientNet-B0 (Tan and Le, ICML 2019): inverted residuals with squeeze and excitation and
/// SiLU, stochastic depth rising to 0.2, dropout 0.2 before the last layer; torchvision's
/// efficientnet_b0. Channels are scaled by base_width / 64 in multiples of 8, as the family's own
/// width coefficient does.
[[nodiscard]] std::shared_ptr<Classifier> MakeEfficientNetB0(const ClassifierConfig& config,
                                                             std::int64_t outputs);

}  // namespace necknode::models
