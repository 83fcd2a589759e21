#pragma once

#include <array>
#include <memory>
#include <vector>

#include "models/detector.h"

namespace necknode::models {

/// What SSD says of N images; A default boxes an image over all levels, the same for each.
struct SsdOutput {
  torch::Tensor logits;   ///< [N, A, classes], at least float32; class 0 is the background
  torch::Tensor deltas;   ///< [N, A, 4] against the default boxes, weights kSsdWeights
  torch::Tensor anchors;  ///< [A, 4] x0, y0, x1, y1 in pixels
};

/// Scales of dx, dy, dw, dh: one over the variances 0.1 and 0.2 of the published code.
inline constexpr std::array<double, 4> kSsdWeights = {10, 10, 5, 5};

/// [height * width * ratios, 4] default boxes of one level, by row, column, ratio: `size` is the
/// square root of the area, a ratio height / width; cell (0, 0) lies about half a `stride`.
[[nodiscard]] torch::Tensor DefaultBoxes(double size,
                                         const std::vector<double>& ratios,
                                         std::int64_t height,
                                         std::int64_t width,
                                         std::int64_t stride);

/// SSD (Liu et al., ECCV 2016) with ResNet-50, in the structure that NVIDIA published (Deep
/// Learning Examples, SSD300 v1.1): ResNet-50 to its third stage, which keeps a stride of 8; then
/// pairs of a 1x1 and a 3x3 of stride 2, with norms, to 512, 512, 256, 256, 256 channels; on each
/// level a 3x3 for the classes and one for the deltas. Different from it: the last two pairs are
/// strided and padded too, for images are not always 300 x 300; a level has one box for each of
/// anchor_ratios, of the size that anchor_sizes has for it, and no further square.
/// Uses pre_nms_top_n, box_nms, max_detections; levels are as many as anchor_sizes.
/// Names: backbone.body (as torchvision's ResNet), extra.i.0, extra.i.1,
/// head.classification_head.module_list.i, head.regression_head.module_list.i (as torchvision's
/// SSD). Initial values of the heads by Xavier and Bengio, as both.
class SsdImpl : public Detector {
 public:
  /// Throws Error(kModel) naming the field of `config` that is out of range.
  explicit SsdImpl(const DetectorConfig& config);
  ~SsdImpl() override;

  /// `images`: [N, C, H, W] float, values about -1..1. Differentiable.
  SsdOutput Forward(const torch::Tensor& images);

  /// Softmax, decoding, clipping, the score threshold, NMS within the class.
  [[nodiscard]] std::vector<ImageDetections> Postprocess(const SsdOutput& output,
                                                         std::int64_t height,
                                                         std::int64_t width,
                                                         double score_threshold) const;
  void Fold() override;

 protected:
  /// class, box (ssd_losses.h).
  NamedLosses LossesOf(const torch::Tensor& images,
                       const std::vector<torch::Tensor>& truths,
                       std::uint64_t seed) override;
  std::vector<ImageDetections> Find(const torch::Tensor& images, double score_threshold) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};
TORCH_MODULE(Ssd);

}  // namespace necknode::models
