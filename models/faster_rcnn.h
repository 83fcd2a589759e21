#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <torch/nn.h>

#include "models/package.h"

namespace necknode::models {

/// What the first half of the detector gives. N images of H x W pixels, A anchors an image over all
/// levels.
/// Logits, deltas and anchors are at least float32, also under autocast.
struct RpnOutput {
  std::vector<torch::Tensor> features;  ///< P2..P5: [N, F, h, w], what RoI Align reads
  torch::Tensor objectness;             ///< [N, A] logits
  torch::Tensor deltas;                 ///< [N, A, 4] dx, dy, dw, dh against the anchors, weights 1
  torch::Tensor anchors;  ///< [A, 4] x0, y0, x1, y1 in pixels, the same for each image
  std::vector<std::int64_t> level_sizes;  ///< anchors of P2..P6, sum A
  std::int64_t height = 0, width = 0;     ///< of the images
};

struct BoxHeadOutput {
  torch::Tensor logits;  ///< [R, K]; class 0 is the background
  torch::Tensor
      deltas;  ///< [R, 4 K] against the proposals, weights kBoxWeights; [4 k, 4 k + 4) of class k
};

/// Boxes of one image, best score first, in pixels of the image tensor.
struct ImageDetections {
  torch::Tensor boxes;   ///< [D, 4] x0, y0, x1, y1, inside the image
  torch::Tensor scores;  ///< [D] 0 to 1
  torch::Tensor labels;  ///< [D] int64, 1 .. K-1
};

/// Faster R-CNN with ResNet-50 and FPN (Ren et al. 2015, Lin et al. 2017; MODELS section 1).
/// Parameters are named as torchvision's fasterrcnn_resnet50_fpn names them; initial values are
/// drawn as torchvision draws them from LibTorch's generator (torch::manual_seed). Images are
/// at least 64 x 64 pixels.
class FasterRcnnImpl : public torch::nn::Module {
 public:
  /// Scales of the box head's deltas (dx, dy, dw, dh); those of the RPN are 1.
  static constexpr std::array<double, 4> kBoxWeights = {10, 10, 5, 5};
  static constexpr std::array<double, 4> kRpnWeights = {1, 1, 1, 1};

  /// Throws Error(kModel) naming the field of `config` that is out of range.
  explicit FasterRcnnImpl(const DetectorConfig& config);
  ~FasterRcnnImpl() override;
  [[nodiscard]] const DetectorConfig& config() const { return config_; }

  /// Backbone, FPN and RPN head. `images`: [N, C, H, W] float, values about -1..1. Differentiable.
  RpnOutput ForwardRpn(const torch::Tensor& images);

  /// Per image [n, 4] boxes in pixels, best first: the best pre_nms_top_n of each level, decoded,
  /// clipped, NMS within the level. `post_nms_top_n` 0 means the config's. Carries no gradient.
  [[nodiscard]] std::vector<torch::Tensor> Proposals(const RpnOutput& rpn,
                                                     int post_nms_top_n = 0) const;

  /// RoI Align (7 x 7, sampling ratio 2) on P2..P5, the two-FC head and the predictor. `proposals`:
  /// per image [n, 4]; R is the sum of n, in order. Differentiable in the features.
  BoxHeadOutput ForwardBoxHead(const std::vector<torch::Tensor>& features,
                               const std::vector<torch::Tensor>& proposals);

  /// Softmax, decoding against `proposals`, clipping, score threshold, NMS within the class, best
  /// max_detections.
  [[nodiscard]] std::vector<ImageDetections> Postprocess(
      const BoxHeadOutput& head,
      const std::vector<torch::Tensor>& proposals,
      std::int64_t height,
      std::int64_t width,
      double score_threshold) const;

  /// All of it, without gradient. Call eval() before.
  std::vector<ImageDetections> Predict(const torch::Tensor& images, double score_threshold);

  /// Moves batch norms into convolutions. Inference only: the module can no longer be saved or
  /// loaded.
  void Fold();

 private:
  struct Parts;
  DetectorConfig config_;
  std::unique_ptr<Parts> parts_;
};
TORCH_MODULE(FasterRcnn);

}  // namespace necknode::models
