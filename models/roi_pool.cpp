#include "models/roi_pool.h"

#include <algorithm>
#include <limits>

#include "models/roi_levels.h"

namespace necknode::models {
namespace {

/// As std::round; torch::round takes halves to the even neighbour.
torch::Tensor RoundAwayFromZero(const torch::Tensor& x) {
  const torch::Tensor whole = torch::trunc(x);
  return torch::where((x - whole).abs() >= 0.5, whole + torch::sign(x), whole);
}

/// Along one axis: the pixels low <= i < high of each bin.
struct AxisBins {
  torch::Tensor low, high;  ///< [R, output] int64, within the map
};

/// `first`, `last`: [R] rounded edges of the RoIs in the map's pixels; `size`: of the map.
AxisBins BinsOf(const torch::Tensor& first,
                const torch::Tensor& last,
                std::int64_t size,
                std::int64_t output) {
  const torch::Tensor extent = (last - first + 1).clamp_min(1);
  const torch::Tensor bin = (extent / static_cast<double>(output)).unsqueeze(1);  // [R, 1]
  const torch::Tensor place = torch::arange(output, first.options()).unsqueeze(0);
  const auto bounded = [&](const torch::Tensor& edge) {
    // What is not a number lies nowhere.
    return torch::nan_to_num(edge + first.unsqueeze(1), 0, 0, 0).clamp(0, size).to(torch::kLong);
  };
  return {bounded(torch::floor(place * bin)), bounded(torch::ceil((place + 1) * bin))};
}

/// For each of B bins and C channels the row of `table` [pixels, C] with the largest value; of
/// equal ones the first. `corner`: [B] row of the bin's first pixel, `height`, `width`: [B] of the
/// bin, `row_length`: pixels of the map's row. -1 where a bin is empty.
torch::Tensor LargestRows(const torch::Tensor& table,
                          const torch::Tensor& corner,
                          const torch::Tensor& height,
                          const torch::Tensor& width,
                          std::int64_t row_length) {
  torch::Tensor best = torch::full(
      {corner.size(0), table.size(1)}, -std::numeric_limits<double>::infinity(), table.options());
  torch::Tensor rows = torch::full(best.sizes(), -1, corner.options());
  const std::int64_t tallest = height.max().item<std::int64_t>();
  const std::int64_t widest = width.max().item<std::int64_t>();
  for (std::int64_t y = 0; y < tallest; ++y) {
    for (std::int64_t x = 0; x < widest; ++x) {
      // Only the bins that reach so far: the work is that of the bins' own pixels.
      const torch::Tensor bins = torch::nonzero((height > y) & (width > x)).view(-1);
      if (bins.size(0) == 0)
        continue;
      const torch::Tensor row = corner.index_select(0, bins) + (y * row_length + x);
      const torch::Tensor value = table.index_select(0, row);
      const torch::Tensor old = best.index_select(0, bins);
      const torch::Tensor larger = value > old;
      best.index_copy_(0, bins, torch::where(larger, value, old));
      rows.index_copy_(0, bins, torch::where(larger, row.unsqueeze(1), rows.index_select(0, bins)));
    }
  }
  return rows;
}

}  // namespace

torch::Tensor RoiPool(const torch::Tensor& features,
                      const torch::Tensor& rois,
                      double spatial_scale,
                      std::int64_t output) {
  CheckRois(features, rois, output);
  const std::int64_t count = rois.size(0), channels = features.size(1);
  const std::int64_t height = features.size(2), width = features.size(3);
  if (count == 0)
    return features.new_zeros({0, channels, output, output});
  const torch::Tensor table = features.permute({0, 2, 3, 1}).reshape({-1, channels});
  torch::Tensor rows;  // [R output output, C]
  {
    const torch::NoGradGuard no_grad;
    const torch::Tensor corners = RoundAwayFromZero(rois.detach().slice(1, 1, 5) * spatial_scale);
    const AxisBins x = BinsOf(corners.select(1, 0), corners.select(1, 2), width, output);
    const AxisBins y = BinsOf(corners.select(1, 1), corners.select(1, 3), height, output);
    const torch::Tensor image = rois.detach().select(1, 0).to(torch::kLong).view({-1, 1, 1});
    const auto over_columns = [&](const torch::Tensor& of_rows) {
      return of_rows.unsqueeze(2).expand({count, output, output}).reshape(-1);
    };
    const auto over_rows = [&](const torch::Tensor& of_columns) {
      return of_columns.unsqueeze(1).expand({count, output, output}).reshape(-1);
    };
    const torch::Tensor corner = (image * height + y.low.unsqueeze(2)) * width + x.low.unsqueeze(1);
    rows = LargestRows(table.detach(),
                       corner.reshape(-1),
                       over_columns((y.high - y.low).clamp_min(0)),
                       over_rows((x.high - x.low).clamp_min(0)),
                       width);
  }
  const torch::Tensor bins =
      table.gather(0, rows.clamp_min(0)).masked_fill(rows < 0, 0);  // [R output output, C]
  return bins.view({count, output, output, channels}).permute({0, 3, 1, 2}).contiguous();
}

torch::Tensor MultiScaleRoiPool(const std::vector<torch::Tensor>& features,
                                const torch::Tensor& rois,
                                const std::vector<std::int64_t>& strides,
                                std::int64_t output) {
  return PoolFromLevels(
      features,
      rois,
      strides,
      [&](const torch::Tensor& level, const torch::Tensor& of_level, double spatial_scale) {
        return RoiPool(level, of_level, spatial_scale, output);
      });
}

}  // namespace necknode::models
