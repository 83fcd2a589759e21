#include "models/autocast.h"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace necknode::models {
namespace {

// LibTorch 2.4 gave the functions of both devices one name and deprecated the old ones.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
bool IsEnabled(bool cuda) { return at::autocast::is_autocast_enabled(cuda ? at::kCUDA : at::kCPU); }
void Enable(bool cuda, bool enabled) {
  at::autocast::set_autocast_enabled(cuda ? at::kCUDA : at::kCPU, enabled);
}
void UseBfloat16(bool cuda) {
  at::autocast::set_autocast_dtype(cuda ? at::kCUDA : at::kCPU, at::kBFloat16);
}
#else
bool IsEnabled(bool cuda) {
  return cuda ? at::autocast::is_enabled() : at::autocast::is_cpu_enabled();
}
void Enable(bool cuda, bool enabled) {
  if (cuda) {
    at::autocast::set_enabled(enabled);
  } else {
    at::autocast::set_cpu_enabled(enabled);
  }
}
void UseBfloat16(bool cuda) {
  if (cuda) {
    at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
  } else {
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
  }
}
#endif

}  // namespace

Autocast::Autocast(const torch::Device& device, bool enabled)
    : enabled_(enabled), cuda_(device.is_cuda()) {
  if (enabled_) {
    before_ = IsEnabled(cuda_);
    UseBfloat16(cuda_);
    Enable(cuda_, true);
    at::autocast::increment_nesting();
  }
}

Autocast::~Autocast() {
  if (enabled_) {
    // Cast weights are kept for the region's length: the next step has others.
    if (at::autocast::decrement_nesting() == 0) {
      at::autocast::clear_cache();
    }
    Enable(cuda_, before_);
  }
}

}  // namespace necknode::models
