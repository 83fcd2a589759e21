#include "models/classifier.h"

#include <utility>

#include "models/tensor_checks.h"

namespace necknode::models {

Classifier::Classifier(ClassifierConfig config) : config_(std::move(config)) {}

torch::Tensor Classifier::forward(const torch::Tensor& rois) {
  CheckImages(rois, config_.in_channels, /*min_side=*/32);
  return Logits(rois);
}

torch::Tensor Classifier::MalignantLogit(const torch::Tensor& rois) {
  return forward(rois).select(1, 0);
}

}  // namespace necknode::models
