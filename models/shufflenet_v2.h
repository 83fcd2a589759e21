#pragma once

#include <memory>

#include "models/classifier.h"

namespace necknode::models {

/// ShuffleNetV2 x1.0 (Ma et al., ECCV 2018): half of the channels pass each unit untouched, the
/// halves are interleaved behind it; torchvision's shufflenet_v2_x1_0. Channels are scaled by
/// base_width / 64 in multiples of 4 (the authors' own smaller and larger variants do not follow
/// one factor).
[[nodiscard]] std::shared_ptr<Classifier> MakeShuffleNetV2(const ClassifierConfig& config,
                                                           std::int64_t outputs);

}  // namespace necknode::models
