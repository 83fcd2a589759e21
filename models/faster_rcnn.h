#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/detector.h"

namespace necknode::models {

/// What the first half of the detector gives. N images of H x W pixels, A anchors an image over all
/// levels.
/// Logits, deltas and anchors are at least float32, also under autocast.
struct RpnOutput {
  std::vector<torch::Tensor> features;  ///< P2..P5 or C5: [N, F, h, w], what RoIs are read from
  torch::Tensor objectness;             ///< [N, A] logits
  torch::Tensor deltas;                 ///< [N, A, 4] dx, dy, dw, dh against the anchors, weights 1
  torch::Tensor anchors;  ///< [A, 4] x0, y0, x1, y1 in pixels, the same for each image
  std::vector<std::int64_t> level_sizes;  ///< anchors of P2..P6 or C5, sum A
  std::int64_t height = 0, width = 0;     ///< of the images
};

struct BoxHeadOutput {
  torch::Tensor logits;  ///< [R, K]; class 0 is the background
  torch::Tensor
      deltas;  ///< [R, 4 K] against the proposals, weights kBoxWeights; [4 k, 4 k + 4) of class k
};

/// Faster R-CNN with ResNet-50 (Ren et al. 2015; MODELS section 1) in the forms that the paper
/// compares, by config.architecture:
///   fasterrcnn_resnet50              - a single level, RoI pooling: C5 dilated to a stride of 16
///       (Dai et al., "R-FCN", 2016), the proposal network and the two-layer head on it. He et al.
///       (2016, appendix A) put C5 behind the pooling of C4 instead; here the head is that of the
///       other forms, as in Lin et al. (2017, table 3 b), so that the pyramid is all that differs
///       between the first two rows. Every anchor size stands at each place.
///   fasterrcnn_resnet50_fpn_roipool  - with FPN (Lin et al. 2017), RoI pooling
///   fasterrcnn_resnet50_fpn_roialign - with FPN and RoI Align
///   fasterrcnn_resnet50_fpn          - the same; the name is that of the designed anchors
///   fasterrcnn_published             - the same as torchvision trains and runs it by default
/// Parameters are named as torchvision's fasterrcnn_resnet50_fpn names them; initial values are
/// drawn as torchvision draws them from LibTorch's generator (torch::manual_seed).
class FasterRcnnImpl : public Detector {
 public:
  /// Scales of the box head's deltas (dx, dy, dw, dh); those of the RPN are 1.
  static constexpr std::array<double, 4> kBoxWeights = {10, 10, 5, 5};
  static constexpr std::array<double, 4> kRpnWeights = {1, 1, 1, 1};

  /// Throws Error(kModel) naming the field of `config` that is out of range.
  explicit FasterRcnnImpl(const DetectorConfig& config);
  ~FasterRcnnImpl() override;

  /// Backbone, pyramid and RPN head. `images`: [N, C, H, W] float, values about -1..1.
  /// Differentiable.
  RpnOutput ForwardRpn(const torch::Tensor& images);

  /// Per image [n, 4] boxes in pixels, best first: the best pre_nms_top_n of each level, decoded,
  /// clipped, NMS within the level. `post_nms_top_n` 0 means the config's. Carries no gradient.
  [[nodiscard]] std::vector<torch::Tensor> Proposals(const RpnOutput& rpn,
                                                     int post_nms_top_n = 0) const;

  /// RoI Align (7 x 7, sampling ratio 2) or RoI pooling (7 x 7), the two-FC head and the predictor.
  /// `proposals`: per image [n, 4]; R is the sum of n, in order. Differentiable in the features.
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

  void Fold() override;

 protected:
  /// rpn_class, rpn_box, head_class, head_box (faster_rcnn_losses.h).
  NamedLosses LossesOf(const torch::Tensor& images,
                       const std::vector<torch::Tensor>& truths,
                       std::uint64_t seed) override;
  std::vector<ImageDetections> Find(const torch::Tensor& images, double score_threshold) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};
TORCH_MODULE(FasterRcnn);

}  // namespace necknode::models
