#pragma once

#include <memory>

#include "models/classifier.h"

namespace necknode::models {

/// DenseNet-121 (Huang et al., CVPR 2017): 6, 12, 24, 16 layers that each add 32 channels to all
/// earlier ones, half of the channels between the blocks; torchvision's densenet121, no dropout.
/// The growth of 32 is scaled by base_width / 64 in multiples of 4 and the rest with it. A norm
/// stands before its convolution here, so only the second of each layer can be folded.
[[nodiscard]] std::shared_ptr<Classifier> MakeDenseNet121(const ClassifierConfig& config,
                                                          std::int64_t outputs);

}  // namespace necknode::models
