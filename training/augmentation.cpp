#include "training/augmentation.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <ATen/CPUGeneratorImpl.h>

#include "core/detection.h"

namespace necknode::training {
namespace {

namespace F = torch::nn::functional;

/// The linear part of the way from the window to the image, row by row.
struct Linear {
  double xx, xy, yx, yy;
};

Linear ImageFromWindow(const Augmentation& augmentation) {
  const double c = std::cos(augmentation.rotation) / augmentation.scale;
  const double s = std::sin(augmentation.rotation) / augmentation.scale;
  const double mirror = augmentation.mirror ? -1 : 1;
  return {mirror * c, mirror * s, -s, c};
}

torch::Tensor Resample(const torch::Tensor& image, const Linear& linear, const CropWindow& window) {
  const auto rows = static_cast<double>(image.size(1));
  const auto columns = static_cast<double>(image.size(2));
  const auto half_w = static_cast<double>(window.columns) / 2;
  const auto half_h = static_cast<double>(window.rows) / 2;
  // affine_grid speaks of -1..1 between the outer edges, which are pixel edges here.
  const std::vector<double> theta = {linear.xx * half_w * 2 / columns,
                                     linear.xy * half_h * 2 / columns,
                                     2 * window.centre_x / columns - 1,
                                     linear.yx * half_w * 2 / rows,
                                     linear.yy * half_h * 2 / rows,
                                     2 * window.centre_y / rows - 1};
  const auto grid = F::affine_grid(torch::tensor(theta, torch::kFloat32).view({1, 2, 3}),
                                   {1, image.size(0), window.rows, window.columns},
                                   false);
  // Air is -1 and padding is 0, so the values are moved up and back.
  const auto options = F::GridSampleFuncOptions()
                           .mode(torch::kBilinear)
                           .padding_mode(torch::kZeros)
                           .align_corners(false);
  return (F::grid_sample((image + 1).unsqueeze(0), grid, options) - 1).squeeze(0);
}

/// The box's image in the window, unclipped.
Box TurnBox(const Box& box, const Augmentation& augmentation, const CropWindow& window) {
  const double mirror = augmentation.mirror ? -1 : 1;
  const double c = std::cos(augmentation.rotation) * augmentation.scale;
  const double s = std::sin(augmentation.rotation) * augmentation.scale;
  const double x = mirror * (box.CentreX() - window.centre_x);
  const double y = box.CentreY() - window.centre_y;
  const double centre_x = c * x - s * y + static_cast<double>(window.columns) / 2;
  const double centre_y = s * x + c * y + static_cast<double>(window.rows) / 2;
  const double half_w = std::hypot(c * box.Width() / 2, s * box.Height() / 2);
  const double half_h = std::hypot(s * box.Width() / 2, c * box.Height() / 2);
  return {centre_x - half_w, centre_y - half_h, centre_x + half_w, centre_y + half_h};
}

}  // namespace

Augmentation DrawAugmentation(const AugmentationOptions& options, phantom::Random& random) {
  Augmentation drawn;
  if (random.Chance(options.geometric)) {
    const double most = options.max_rotation_degrees * std::numbers::pi / 180;
    drawn.rotation = random.Uniform(-most, most);
    drawn.scale = random.Uniform(options.min_scale, options.max_scale);
  }
  drawn.mirror = random.Chance(options.mirror);
  drawn.brightness = random.Uniform(-options.brightness, options.brightness);
  drawn.contrast = random.Uniform(1 - options.contrast, 1 + options.contrast);
  drawn.noise = random.Uniform(0, options.noise);
  drawn.noise_seed = random.Bits();
  return drawn;
}

torch::Tensor AugmentValues(const torch::Tensor& image, const Augmentation& augmentation) {
  auto values = image * augmentation.contrast + augmentation.brightness;
  if (augmentation.noise > 0) {
    auto generator = at::make_generator<at::CPUGeneratorImpl>(augmentation.noise_seed);
    values = values + torch::randn(image.sizes(), generator, image.options()) * augmentation.noise;
  }
  return values.clamp(-1, 1);
}

models::DetectorSample AugmentSample(const models::DetectorSample& sample,
                                     const Augmentation& augmentation,
                                     const CropWindow& window,
                                     double visible) {
  models::DetectorSample result;
  result.patient = sample.patient;
  result.image =
      AugmentValues(Resample(sample.image, ImageFromWindow(augmentation), window), augmentation);
  const auto boxes = sample.boxes.to(torch::kFloat64).reshape({-1, 4}).contiguous();
  std::vector<float> kept;
  std::vector<std::int64_t> indices;
  const Box frame{0, 0, static_cast<double>(window.columns), static_cast<double>(window.rows)};
  for (std::int64_t i = 0; i < boxes.size(0); ++i) {
    const double* at = boxes.data_ptr<double>() + 4 * i;
    const Box turned = TurnBox({at[0], at[1], at[2], at[3]}, augmentation, window);
    if (turned.Area() <= 0 || IntersectionArea(turned, frame) < visible * turned.Area()) {
      continue;
    }
    for (const double edge : {std::max(turned.x0, 0.0),
                              std::max(turned.y0, 0.0),
                              std::min(turned.x1, frame.x1),
                              std::min(turned.y1, frame.y1)}) {
      kept.push_back(static_cast<float>(edge));
    }
    indices.push_back(i);
  }
  result.boxes = torch::tensor(kept, torch::kFloat32).reshape({-1, 4});
  result.malignant = sample.malignant.index_select(0, torch::tensor(indices, torch::kInt64));
  return result;
}

torch::Tensor TurnRoi(const torch::Tensor& roi, int quarter_turns, bool mirror) {
  const auto turned = torch::rot90(roi, quarter_turns, {1, 2});
  return (mirror ? turned.flip({2}) : turned).contiguous();
}

}  // namespace necknode::training
