#pragma once

#include <torch/types.h>

namespace necknode::models {

/// While it lives, convolutions and matrix products of this thread on `device` run in bfloat16
/// where `enabled`; losses, norms and coordinates stay float32. bfloat16 has float32's range, so
/// that no loss needs scaling. Worth it on CUDA from the Ampere generation on.
class Autocast {
 public:
  Autocast(const torch::Device& device, bool enabled);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool enabled_, cuda_, before_ = false;
};

}  // namespace necknode::models
