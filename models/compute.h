#pragma once

#include <string>

#include <torch/types.h>

namespace necknode::models {

/// "auto" (cuda:0 where there is one, else cpu), "cpu" or "cuda:N". Throws Error(kInvalidArgument)
/// on other text, Error(kUnsupported) naming how many devices there are where N is not one of them.
[[nodiscard]] torch::Device SelectDevice(const std::string& name);

/// "cpu (2 threads)" or "cuda:0".
[[nodiscard]] std::string DeviceText(const torch::Device& device);

}  // namespace necknode::models
