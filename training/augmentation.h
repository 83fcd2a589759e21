#pragma once

#include <cstdint>

#include "models/dataset.h"
#include "phantom/random.h"
#include "training/data_options.h"

namespace necknode::training {

/// One draw of it.
struct Augmentation {
  double rotation = 0;  ///< radians, clockwise as seen on the image (x right, y down)
  double scale = 1;
  bool mirror = false;  ///< left to right, before the rotation
  double brightness = 0, contrast = 1, noise = 0;
  std::uint64_t noise_seed = 0;
};

[[nodiscard]] Augmentation DrawAugmentation(const AugmentationOptions& options,
                                            phantom::Random& random);

/// Part of an image: `rows` x `columns` pixels about a centre given in pixel edges.
struct CropWindow {
  double centre_x = 0, centre_y = 0;
  std::int64_t rows = 0, columns = 0;
};

/// Turns, scales and mirrors the sample about the window's centre, cuts the window (air where it
/// reaches beyond the image), then changes brightness, contrast and noise. A box becomes the
/// upright box about the turned ellipse that it holds, clipped to the window; it is dropped where
/// less than `visible` of its area is left.
[[nodiscard]] models::DetectorSample AugmentSample(const models::DetectorSample& sample,
                                                   const Augmentation& augmentation,
                                                   const CropWindow& window,
                                                   double visible = 0.4);

/// Changes brightness, contrast and noise of values -1..1 alone, clipped.
[[nodiscard]] torch::Tensor AugmentValues(const torch::Tensor& image,
                                          const Augmentation& augmentation);

/// Quarter turns (0 to 3) and mirroring of a RoI [C, S, S]; no interpolation.
[[nodiscard]] torch::Tensor TurnRoi(const torch::Tensor& roi, int quarter_turns, bool mirror);

}  // namespace necknode::training
