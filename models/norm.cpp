#include "models/norm.h"

#include <algorithm>

#include "core/error.h"

namespace necknode::models {
namespace {

constexpr double kMomentum = 0.1;
constexpr double kEpsilon = 1e-5;
constexpr std::int64_t kMaxGroups = 8;

std::int64_t GroupsOf(std::int64_t channels) {
  std::int64_t groups = std::max<std::int64_t>(1, std::min(kMaxGroups, channels / 2));
  while (channels % groups != 0)
    --groups;
  return groups;
}

}  // namespace

NormImpl::NormImpl(const std::string& kind, std::int64_t channels) {
  if (kind == "batch") {
    kind_ = Kind::kBatch;
  } else if (kind == "frozen") {
    kind_ = Kind::kFrozen;
  } else if (kind == "group") {
    kind_ = Kind::kGroup;
    groups_ = GroupsOf(channels);
  } else {
    throw Error(ErrorCode::kModel, "norm is '" + kind + "', expected batch, frozen or group");
  }
  if (kind_ == Kind::kFrozen) {
    weight = register_buffer("weight", torch::ones(channels));
    bias = register_buffer("bias", torch::zeros(channels));
  } else {
    weight = register_parameter("weight", torch::ones(channels));
    bias = register_parameter("bias", torch::zeros(channels));
  }
  if (kind_ != Kind::kGroup) {
    running_mean = register_buffer("running_mean", torch::zeros(channels));
    running_var = register_buffer("running_var", torch::ones(channels));
  }
  if (kind_ == Kind::kBatch) {
    num_batches_tracked = register_buffer("num_batches_tracked", torch::zeros({}, torch::kLong));
  }
}

torch::Tensor NormImpl::forward(const torch::Tensor& x) {
  if (folded_)
    return x;
  if (kind_ == Kind::kGroup)
    return torch::group_norm(x, groups_, weight, bias, kEpsilon);
  const bool training = kind_ == Kind::kBatch && is_training();
  if (training) {
    const torch::NoGradGuard no_grad;
    num_batches_tracked += 1;
  }
  return torch::batch_norm(x,
                           weight,
                           bias,
                           running_mean,
                           running_var,
                           training,
                           kMomentum,
                           kEpsilon,
                           /*cudnn_enabled=*/true);
}

void NormImpl::ZeroInit() {
  const torch::NoGradGuard no_grad;
  weight.zero_();
}

void NormImpl::FoldInto(torch::nn::Conv2d& convolution) {
  if (kind_ == Kind::kGroup || folded_)
    return;
  const torch::NoGradGuard no_grad;
  const torch::Tensor scale = weight / torch::sqrt(running_var + kEpsilon);  // [C]
  torch::Tensor shift = bias - running_mean * scale;                         // [C]
  if (convolution->bias.defined())
    shift = shift + convolution->bias * scale;
  convolution->weight.set_data(convolution->weight * scale.view({-1, 1, 1, 1}));
  convolution->bias = shift.detach();
  folded_ = true;
}

}  // namespace necknode::models
