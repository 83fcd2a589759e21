#include "models/roi_align.h"

#include <string>

#include <torch/nn/functional/embedding.h>

#include "core/error.h"
#include "models/roi_levels.h"

namespace necknode::models {
namespace {

/// Along one axis: which two lines of the map each sample reads, and with which weights.
struct AxisSamples {
  torch::Tensor index;   ///< [R, output, 2 sampling] int64
  torch::Tensor weight;  ///< [R, output, 2 sampling], 0 where the sample is outside
};

/// `low`, `high`: [R] edges of the RoIs in the map's pixels; `size`: of the map.
AxisSamples SampleAxis(const torch::Tensor& low,
                       const torch::Tensor& high,
                       std::int64_t size,
                       std::int64_t output,
                       std::int64_t sampling) {
  const std::int64_t count = low.size(0);
  const torch::Tensor bin = (high - low).clamp_min(1) / static_cast<double>(output);  // [R]
  const torch::Tensor bins = torch::arange(output, low.options()).view({1, -1, 1});
  const torch::Tensor steps = (torch::arange(sampling, low.options()) + 0.5).view({1, 1, -1}) /
                              static_cast<double>(sampling);
  const torch::Tensor wide = bin.view({-1, 1, 1});
  torch::Tensor position =
      low.view({-1, 1, 1}) + bins * wide + steps * wide;  // [R, output, sampling]
  const torch::Tensor inside = (position >= -1) & (position <= size);
  // Where it is outside (or not a number) the weight is 0: any valid line will do.
  position = torch::where(inside, position, torch::zeros_like(position)).clamp(0, size - 1);
  const torch::Tensor lower = position.floor();
  const torch::Tensor upper = (lower + 1).clamp_max(size - 1);
  const torch::Tensor fraction = position - lower;
  const torch::Tensor valid = inside.to(low.scalar_type());
  const auto flatten = [&](const torch::Tensor& first, const torch::Tensor& second) {
    return torch::stack({first, second}, 3).view({count, output, 2 * sampling});
  };
  return {flatten(lower, upper).to(torch::kLong),
          flatten((1 - fraction) * valid, fraction * valid)};
}

}  // namespace

torch::Tensor RoiAlign(const torch::Tensor& features,
                       const torch::Tensor& rois,
                       double spatial_scale,
                       std::int64_t output,
                       std::int64_t sampling) {
  CheckRois(features, rois, output);
  if (sampling < 1) {
    throw Error(ErrorCode::kInvalidArgument,
                "sampling " + std::to_string(sampling) + ", expected at least 1");
  }
  const std::int64_t count = rois.size(0), channels = features.size(1);
  const std::int64_t height = features.size(2), width = features.size(3);
  if (count == 0)
    return features.new_zeros({0, channels, output, output});

  const torch::Tensor scaled = rois.detach().slice(1, 1, 5) * spatial_scale;  // [R, 4]
  const AxisSamples x =
      SampleAxis(scaled.select(1, 0), scaled.select(1, 2), width, output, sampling);
  const AxisSamples y =
      SampleAxis(scaled.select(1, 1), scaled.select(1, 3), height, output, sampling);

  // Each bin is a weighted sum of (2 sampling)^2 pixels of the map, its rows [N H W, C]: an
  // embedding bag.
  const std::int64_t lines = 2 * sampling;
  const torch::Tensor image = rois.detach().select(1, 0).to(torch::kLong).view({-1, 1, 1, 1, 1});
  const torch::Tensor row = y.index.view({count, output, 1, lines, 1});
  const torch::Tensor column = x.index.view({count, 1, output, 1, lines});
  const torch::Tensor pixel = (image * height + row) * width + column;  // [R, o, o, lines, lines]
  const torch::Tensor weight = y.weight.view({count, output, 1, lines, 1}) *
                               x.weight.view({count, 1, output, 1, lines}) /
                               static_cast<double>(sampling * sampling);
  const torch::Tensor table = features.permute({0, 2, 3, 1}).reshape({-1, channels});
  namespace F = torch::nn::functional;
  const torch::Tensor bins =
      F::embedding_bag(pixel.view({count * output * output, lines * lines}),
                       table,
                       F::EmbeddingBagFuncOptions()
                           .mode(torch::kSum)
                           .per_sample_weights(weight.reshape({-1, lines * lines})));  // [R o o, C]
  return bins.view({count, output, output, channels}).permute({0, 3, 1, 2}).contiguous();
}

torch::Tensor MultiScaleRoiAlign(const std::vector<torch::Tensor>& features,
                                 const torch::Tensor& rois,
                                 const std::vector<std::int64_t>& strides,
                                 std::int64_t output,
                                 std::int64_t sampling) {
  return PoolFromLevels(
      features,
      rois,
      strides,
      [&](const torch::Tensor& level, const torch::Tensor& of_level, double spatial_scale) {
        return RoiAlign(level, of_level, spatial_scale, output, sampling);
      });
}

}  // namespace necknode::models
