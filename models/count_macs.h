#pragma once

#include <cstdint>
#include <functional>

#include <torch/nn/module.h>

namespace necknode::models {

/// Multiply-accumulates of the convolutions and matrix products that `run` makes LibTorch do on
/// the calling thread, counted from the shapes that it really used; bias, norms, activations,
/// pooling and resampling are left out, as published figures leave them out. Calls do not nest.
/// What `run` throws is passed on.
[[nodiscard]] std::int64_t CountMacs(const std::function<void()>& run);

/// Numbers in all parameters of `module`; its buffers are not counted.
[[nodiscard]] std::int64_t CountParameters(const torch::nn::Module& module);

}  // namespace necknode::models
