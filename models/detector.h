#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <torch/nn.h>

#include "models/detections.h"
#include "models/package.h"
#include "models/training_loop.h"

namespace necknode::models {

/// A network that finds boxes in images: one of detector_architectures.h. Images are [N, C, H, W]
/// float, values about -1..1 (-1 is air), at least 64 x 64 pixels. Where the config's image_scale
/// is not 1 they are enlarged (bilinear) by it here, filled up with air to multiples of 64, and the
/// boxes found are given back in the pixels of the images that came in. Not thread safe.
class Detector : public torch::nn::Module {
 public:
  /// Throws Error(kModel) naming the field of `config` that is out of range.
  explicit Detector(const DetectorConfig& config);

  [[nodiscard]] const DetectorConfig& config() const { return config_; }

  /// Losses to be summed, with gradient; finite for images without any node. `truths`: per image
  /// [n, 4] true boxes in pixels on the images' device. `seed` draws the candidates, where some are
  /// drawn. Throws Error(kInvalidArgument) where shapes or counts do not fit.
  [[nodiscard]] NamedLosses Losses(const torch::Tensor& images,
                                   const std::vector<torch::Tensor>& truths,
                                   std::uint64_t seed);

  /// Boxes of each image with a score above `score_threshold`, without gradient. Call eval()
  /// before.
  [[nodiscard]] std::vector<ImageDetections> Predict(const torch::Tensor& images,
                                                     double score_threshold);

  /// Moves batch norms into convolutions. Inference only: the module can no longer be saved or
  /// loaded.
  virtual void Fold() = 0;

 protected:
  /// The two above on images that have been scaled.
  virtual NamedLosses LossesOf(const torch::Tensor& images,
                               const std::vector<torch::Tensor>& truths,
                               std::uint64_t seed) = 0;
  virtual std::vector<ImageDetections> Find(const torch::Tensor& images,
                                            double score_threshold) = 0;

 private:
  const DetectorConfig config_;
};

/// The network of config.architecture with initial weights drawn from LibTorch's generator
/// (torch::manual_seed). Throws Error(kModel) naming the field of `config` that is out of range.
[[nodiscard]] std::shared_ptr<Detector> MakeDetector(const DetectorConfig& config);

}  // namespace necknode::models
