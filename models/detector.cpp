#include "models/detector.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <torch/nn/functional/upsampling.h>

#include "core/error.h"
#include "models/box_ops.h"
#include "models/detector_architectures.h"
#include "models/faster_rcnn.h"
#include "models/preprocess.h"
#include "models/ssd.h"
#include "models/tensor_checks.h"
#include "models/yolo_v3.h"

namespace necknode::models {
namespace {

constexpr std::int64_t kMinSide = 64;
constexpr double kAir = -1;
constexpr double kMinBoxSide = 1e-2;  // pixels

struct ScaledImages {
  torch::Tensor images;
  torch::Tensor factors;  ///< [4] new pixels a pixel: x, y, x, y
};

std::int64_t ScaledSide(std::int64_t side, double scale) {
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) * scale));
}

std::int64_t FillOf(std::int64_t side) {
  return (kImageMultiple - side % kImageMultiple) % kImageMultiple;
}

ScaledImages Scale(const torch::Tensor& images, double scale) {
  namespace F = torch::nn::functional;
  const std::int64_t height = ScaledSide(images.size(2), scale);
  const std::int64_t width = ScaledSide(images.size(3), scale);
  const torch::Tensor resized = F::interpolate(images,
                                               F::InterpolateFuncOptions()
                                                   .size(std::vector<std::int64_t>{height, width})
                                                   .mode(torch::kBilinear)
                                                   .align_corners(false));
  // Of each axis its own: sides are rounded to whole pixels.
  const double x = static_cast<double>(width) / static_cast<double>(images.size(3));
  const double y = static_cast<double>(height) / static_cast<double>(images.size(2));
  return {torch::constant_pad_nd(resized, {0, FillOf(width), 0, FillOf(height)}, kAir),
          torch::tensor({x, y, x, y}, images.options())};
}

}  // namespace

Detector::Detector(const DetectorConfig& config) : config_(config) { CheckConfig(config_); }

NamedLosses Detector::Losses(const torch::Tensor& images,
                             const std::vector<torch::Tensor>& truths,
                             std::uint64_t seed) {
  CheckImages(images, config_.in_channels, kMinSide);
  if (static_cast<std::int64_t>(truths.size()) != images.size(0)) {
    throw Error(ErrorCode::kInvalidArgument,
                "true boxes of " + std::to_string(truths.size()) + " images for " +
                    std::to_string(images.size(0)));
  }
  for (const torch::Tensor& truth : truths)
    CheckBoxes(truth, "true boxes");
  if (config_.image_scale == 1)
    return LossesOf(images, truths, seed);
  const ScaledImages scaled = Scale(images, config_.image_scale);
  std::vector<torch::Tensor> scaled_truths;
  for (const torch::Tensor& truth : truths)
    scaled_truths.push_back(truth * scaled.factors);
  return LossesOf(scaled.images, scaled_truths, seed);
}

std::vector<ImageDetections> Detector::Predict(const torch::Tensor& images,
                                               double score_threshold) {
  const torch::NoGradGuard no_grad;
  CheckImages(images, config_.in_channels, kMinSide);
  if (config_.image_scale == 1)
    return Find(images, score_threshold);
  const ScaledImages scaled = Scale(images, config_.image_scale);
  std::vector<ImageDetections> detections = Find(scaled.images, score_threshold);
  for (ImageDetections& found : detections) {
    const torch::Tensor boxes = ClipBoxes(
        found.boxes / scaled.factors.to(found.boxes.scalar_type()), images.size(2), images.size(3));
    // A box may lie in what was filled up with air.
    const torch::Tensor inside = IndicesOfLargeBoxes(boxes, kMinBoxSide);
    found = {boxes.index_select(0, inside),
             found.scores.index_select(0, inside),
             found.labels.index_select(0, inside)};
  }
  return detections;
}

std::shared_ptr<Detector> MakeDetector(const DetectorConfig& config) {
  switch (FindDetector(config.architecture).family) {
    case DetectorFamily::kFasterRcnn:
      return std::make_shared<FasterRcnnImpl>(config);
    case DetectorFamily::kSsd:
      return std::make_shared<SsdImpl>(config);
    case DetectorFamily::kYoloV3:
      return std::make_shared<YoloV3Impl>(config);
  }
  throw Error(ErrorCode::kInternal, "no family of detector " + config.architecture);
}

}  // namespace necknode::models
