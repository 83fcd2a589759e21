#pragma once

#include <memory>
#include <vector>

#include "models/detector.h"

namespace necknode::models {

/// Where YOLOv3 may place boxes on images of one size: A places over its three levels, from the
/// finest, by row, column, prior.
struct YoloGrid {
  torch::Tensor cells;    ///< [A, 2] column and row of the place
  torch::Tensor priors;   ///< [A, 2] width and height of its prior in pixels
  torch::Tensor strides;  ///< [A, 1] pixels a cell
  struct Level {
    std::int64_t begin = 0;  ///< its first place
    std::int64_t height = 0, width = 0, stride = 1;
  };
  std::vector<Level> levels;
  std::int64_t priors_a_cell = 1;
};

/// Places of images of height x width pixels: prior sizes one a level, with the ratios height /
/// width.
[[nodiscard]] YoloGrid MakeYoloGrid(const std::vector<double>& sizes,
                                    const std::vector<double>& ratios,
                                    std::int64_t height,
                                    std::int64_t width);

/// [N, A, 4] tx, ty, tw, th -> x0, y0, x1, y1 in pixels: the centre is the cell's corner plus
/// sigmoid(t), the sides are the prior's times exp(t) (at most 1000 / 16). Differentiable.
[[nodiscard]] torch::Tensor DecodeYolo(const torch::Tensor& raw, const YoloGrid& grid);

/// YOLOv3 with DarkNet-53 (Redmon and Farhadi 2018) at strides 8, 16 and 32: on each level five
/// convolutions, from which a 3x3 and a 1x1 give, for each prior, four coordinates, the objectness
/// and a score per class; a coarser level is halved in channels, enlarged (nearest) and
/// concatenated to the finer one. Different from the publication: priors are one size a level with
/// anchor_ratios instead of three of any shape, and the objectness begins at a probability of 0.01
/// (Lin et al., "Focal Loss", 2017, section 4.1), for it is trained from scratch. A score is
/// objectness times class. Uses pre_nms_top_n, box_nms, max_detections.
/// Names: backbone (DarknetImpl), level0..level2 (from the finest): neck1..neck5, out, predict,
/// lateral.
class YoloV3Impl : public Detector {
 public:
  /// Throws Error(kModel) naming the field of `config` that is out of range.
  explicit YoloV3Impl(const DetectorConfig& config);
  ~YoloV3Impl() override;

  /// [N, C, H, W] float, H and W multiples of 32 -> [N, A, 5 + classes - 1] at least float32: tx,
  /// ty, tw, th, logit of the objectness, logits of the classes. Differentiable. Throws
  /// Error(kInvalidArgument) on other shapes.
  torch::Tensor Forward(const torch::Tensor& images);

  void Fold() override;

 protected:
  /// box, object, class (yolo_losses.h).
  NamedLosses LossesOf(const torch::Tensor& images,
                       const std::vector<torch::Tensor>& truths,
                       std::uint64_t seed) override;
  std::vector<ImageDetections> Find(const torch::Tensor& images, double score_threshold) override;

 private:
  [[nodiscard]] YoloGrid GridOf(const torch::Tensor& images, const torch::Tensor& raw) const;
  struct Parts;
  std::unique_ptr<Parts> parts_;
};
TORCH_MODULE(YoloV3);

}  // namespace necknode::models
