#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "core/error.h"

namespace necknode::models {

/// The tensor's values, row by row.
inline std::vector<double> ValuesOf(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().to(torch::kCPU, torch::kDouble).contiguous().view(-1);
  const double* data = flat.data_ptr<double>();
  return {data, data + flat.numel()};
}

/// Floating tensor [n, 4] of `corners`.
inline torch::Tensor Boxes(const std::vector<std::vector<float>>& corners) {
  torch::Tensor boxes = torch::empty({static_cast<std::int64_t>(corners.size()), 4});
  for (std::size_t i = 0; i < corners.size(); ++i) {
    boxes[static_cast<std::int64_t>(i)] = torch::tensor(corners[i]);
  }
  return boxes;
}

/// RoIs [n, 5] of image index and corners.
inline torch::Tensor Roi(const std::vector<double>& values) {
  return torch::tensor(values, torch::kDouble).view({-1, 5});
}

/// f(y, x) = 10 y + x on [1, 1, height, width]: bilinear samples of it are exact inside.
inline torch::Tensor Ramp(std::int64_t height, std::int64_t width) {
  const torch::Tensor y = torch::arange(height, torch::kDouble).view({1, 1, -1, 1});
  return 10 * y + torch::arange(width, torch::kDouble).view({1, 1, 1, -1});
}

/// The message of the Error that `action` throws, prefixed by its code; empty where it throws none.
template <typename Action>
std::string ErrorOf(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(ToString(error.code())) + ": " + error.what();
  }
  return "";
}

}  // namespace necknode::models
