#include "models/faster_rcnn.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "core/error.h"
#include "models/anchors.h"
#include "models/box_ops.h"
#include "models/detector_architectures.h"
#include "models/faster_rcnn_losses.h"
#include "models/heads.h"
#include "models/nms.h"
#include "models/resnet.h"
#include "models/resnet_stride.h"
#include "models/roi_align.h"
#include "models/roi_pool.h"
#include "models/tensor_checks.h"

namespace necknode::models {
namespace {

constexpr std::int64_t kRoiSize = 7;
constexpr std::int64_t kRoiSampling = 2;
constexpr double kMinProposalSide = 1e-3;  // pixels, as torchvision
constexpr double kMinPredictedSide = 1e-2;

/// Of the levels that RoIs are read from.
std::vector<std::int64_t> StridesOf(bool pyramid) {
  return pyramid ? std::vector<std::int64_t>{4, 8, 16, 32} : std::vector<std::int64_t>{16};
}

ResNetOptions BodyOptions(const DetectorConfig& config) {
  ResNetOptions options;
  options.in_channels = config.in_channels;
  options.base_width = config.base_width;
  options.norm = config.norm;
  return options;
}

/// [R, 5] with the image's index in front of each image's [n, 4].
torch::Tensor WithImageIndex(const std::vector<torch::Tensor>& proposals) {
  std::vector<torch::Tensor> parts;
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    CheckBoxes(proposals[i], "proposals");
    const torch::Tensor index =
        torch::full({proposals[i].size(0), 1}, static_cast<double>(i), proposals[i].options());
    parts.push_back(torch::cat({index, proposals[i]}, 1));
  }
  return torch::cat(parts);
}

}  // namespace

struct FasterRcnnImpl::Parts {
  bool pyramid = true, roi_align = true;
  ResNetBody body{nullptr};
  Fpn fpn{nullptr};  // null on a single level
  RpnHead rpn_head{nullptr};
  BoxHead box_head{nullptr};
  BoxPredictor box_predictor{nullptr};
};

FasterRcnnImpl::FasterRcnnImpl(const DetectorConfig& config)
    : Detector(config), parts_(std::make_unique<Parts>()) {
  const DetectorArchitecture& architecture = FindDetector(config.architecture);
  parts_->pyramid = architecture.pyramid;
  parts_->roi_align = architecture.roi_align;
  parts_->body = ResNetBody(BodyOptions(config));
  const auto stages = parts_->body->OutChannels();
  auto anchors = static_cast<std::int64_t>(config.anchor_ratios.size());
  std::int64_t channels = config.fpn_channels;  // of what the RPN and the RoIs read
  if (parts_->pyramid) {
    parts_->fpn = Fpn(stages, config.fpn_channels);
  } else {
    KeepResolution(*parts_->body, /*stage=*/4, /*dilate=*/true);
    channels = stages.back();
    anchors *= static_cast<std::int64_t>(config.anchor_sizes.size());
  }
  parts_->rpn_head = RpnHead(channels, config.fpn_channels, anchors);
  parts_->box_head = BoxHead(channels * kRoiSize * kRoiSize, config.head_channels);
  parts_->box_predictor = BoxPredictor(config.head_channels, config.classes);

  // Modules without parameters of their own, for torchvision's names.
  const auto group = [this](const char* name) {
    return register_module(name, std::make_shared<torch::nn::Module>(name));
  };
  const auto backbone = group("backbone");
  backbone->register_module("body", parts_->body);
  if (parts_->pyramid)
    backbone->register_module("fpn", parts_->fpn);
  group("rpn")->register_module("head", parts_->rpn_head);
  const auto roi_heads = group("roi_heads");
  roi_heads->register_module("box_head", parts_->box_head);
  roi_heads->register_module("box_predictor", parts_->box_predictor);
}

FasterRcnnImpl::~FasterRcnnImpl() = default;

RpnOutput FasterRcnnImpl::ForwardRpn(const torch::Tensor& images) {
  CheckImages(images, config().in_channels, /*min_side=*/64);
  RpnOutput out;
  out.height = images.size(2);
  out.width = images.size(3);
  out.features = parts_->body(images);
  if (parts_->pyramid) {
    out.features = parts_->fpn(out.features);
  } else {
    out.features = {out.features.back()};
  }
  std::vector<torch::Tensor> objectness, deltas, anchors;
  for (std::size_t i = 0; i < out.features.size(); ++i) {
    const torch::Tensor& level = out.features[i];
    auto [logits, level_deltas] = parts_->rpn_head(level);
    objectness.push_back(AtLeastFloat32(logits));
    deltas.push_back(AtLeastFloat32(level_deltas));
    const std::int64_t height = level.size(2), width = level.size(3);
    const std::vector<double>& sizes = config().anchor_sizes;
    const torch::Tensor cell =
        CellAnchors(parts_->pyramid ? std::vector<double>{sizes[i]} : sizes, config().anchor_ratios)
            .to(images.device(), objectness.back().scalar_type());
    anchors.push_back(GridAnchors(cell, height, width, out.height / height, out.width / width));
    out.level_sizes.push_back(logits.size(1));
  }
  out.objectness = torch::cat(objectness, 1);
  out.deltas = torch::cat(deltas, 1);
  out.anchors = torch::cat(anchors);
  if (parts_->pyramid)
    out.features.pop_back();  // P6 serves the RPN only
  return out;
}

std::vector<torch::Tensor> FasterRcnnImpl::Proposals(const RpnOutput& rpn,
                                                     int post_nms_top_n) const {
  const torch::NoGradGuard no_grad;
  const std::int64_t keep_count = post_nms_top_n > 0 ? post_nms_top_n : config().post_nms_top_n;
  const torch::Tensor objectness = rpn.objectness.detach(), deltas = rpn.deltas.detach();
  std::vector<torch::Tensor> proposals;
  for (std::int64_t image = 0; image < objectness.size(0); ++image) {
    std::vector<torch::Tensor> chosen, levels;
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < rpn.level_sizes.size(); ++i) {
      const std::int64_t size = rpn.level_sizes[i];
      const torch::Tensor logits = objectness[image].slice(0, begin, begin + size);
      const std::int64_t count = std::min<std::int64_t>(config().pre_nms_top_n, size);
      chosen.push_back(std::get<1>(logits.topk(count)) + begin);
      levels.push_back(torch::full_like(chosen.back(), static_cast<std::int64_t>(i)));
      begin += size;
    }
    const torch::Tensor index = torch::cat(chosen);
    torch::Tensor boxes = DecodeBoxes(
        deltas[image].index_select(0, index), rpn.anchors.index_select(0, index), kRpnWeights);
    boxes = ClipBoxes(boxes, rpn.height, rpn.width);
    const torch::Tensor large = IndicesOfLargeBoxes(boxes, kMinProposalSide);
    boxes = boxes.index_select(0, large);
    const torch::Tensor scores =
        torch::sigmoid(objectness[image].index_select(0, index.index_select(0, large)));
    const torch::Tensor kept =
        Nms(boxes, scores, config().rpn_nms, torch::cat(levels).index_select(0, large));
    proposals.push_back(boxes.index_select(0, kept.slice(0, 0, keep_count)));
  }
  return proposals;
}

BoxHeadOutput FasterRcnnImpl::ForwardBoxHead(const std::vector<torch::Tensor>& features,
                                             const std::vector<torch::Tensor>& proposals) {
  const std::vector<std::int64_t> strides = StridesOf(parts_->pyramid);
  if (features.size() != strides.size() ||
      static_cast<std::int64_t>(proposals.size()) != features.front().size(0)) {
    throw Error(ErrorCode::kInvalidArgument,
                std::to_string(features.size()) + " levels and proposals of " +
                    std::to_string(proposals.size()) + " images");
  }
  std::vector<torch::Tensor> levels;
  for (const torch::Tensor& level : features)
    levels.push_back(AtLeastFloat32(level));
  const torch::Tensor rois = WithImageIndex(proposals).to(levels.front().scalar_type());
  const torch::Tensor pooled =
      parts_->roi_align ? MultiScaleRoiAlign(levels, rois, strides, kRoiSize, kRoiSampling)
                        : MultiScaleRoiPool(levels, rois, strides, kRoiSize);
  auto [logits, deltas] = parts_->box_predictor(parts_->box_head(pooled));
  return {AtLeastFloat32(logits), AtLeastFloat32(deltas)};
}

std::vector<ImageDetections> FasterRcnnImpl::Postprocess(
    const BoxHeadOutput& head,
    const std::vector<torch::Tensor>& proposals,
    std::int64_t height,
    std::int64_t width,
    double score_threshold) const {
  const torch::NoGradGuard no_grad;
  const std::int64_t classes = config().classes;
  const torch::Tensor all_scores = torch::softmax(head.logits.detach(), 1);  // [R, K]
  std::vector<ImageDetections> detections;
  std::int64_t begin = 0;
  for (const torch::Tensor& boxes_of_image : proposals) {
    const std::int64_t count = boxes_of_image.size(0);
    torch::Tensor boxes = DecodeBoxes(
        head.deltas.detach().slice(0, begin, begin + count), boxes_of_image, kBoxWeights);
    boxes = ClipBoxes(boxes.view({count, classes, 4}), height, width).slice(1, 1).reshape({-1, 4});
    torch::Tensor scores = all_scores.slice(0, begin, begin + count).slice(1, 1).reshape({-1});
    torch::Tensor labels =
        torch::arange(1, classes, boxes.options().dtype(torch::kLong)).repeat({count});
    begin += count;
    const auto select = [&](const torch::Tensor& index) {
      boxes = boxes.index_select(0, index);
      scores = scores.index_select(0, index);
      labels = labels.index_select(0, index);
    };
    select(torch::nonzero(scores > score_threshold).view(-1));
    select(IndicesOfLargeBoxes(boxes, kMinPredictedSide));
    select(Nms(boxes, scores, config().box_nms, labels).slice(0, 0, config().max_detections));
    detections.push_back({boxes, scores, labels});
  }
  return detections;
}

NamedLosses FasterRcnnImpl::LossesOf(const torch::Tensor& images,
                                     const std::vector<torch::Tensor>& truths,
                                     std::uint64_t seed) {
  return FasterRcnnLosses(*this, images, truths, LossOptionsOf(config()), seed);
}

std::vector<ImageDetections> FasterRcnnImpl::Find(const torch::Tensor& images,
                                                  double score_threshold) {
  const RpnOutput rpn = ForwardRpn(images);
  const std::vector<torch::Tensor> proposals = Proposals(rpn);
  const BoxHeadOutput head = ForwardBoxHead(rpn.features, proposals);
  return Postprocess(head, proposals, rpn.height, rpn.width, score_threshold);
}

void FasterRcnnImpl::Fold() { parts_->body->Fold(); }

}  // namespace necknode::models
