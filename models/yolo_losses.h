#pragma once

#include <vector>

#include "models/yolo_v3.h"

namespace necknode::models {

/// Parts of YOLOv3's loss, scalars with gradient.
struct YoloLoss {
  torch::Tensor box, object, classification;
};

/// Loss of `raw` [N, A, 5 + classes - 1] (YoloV3Impl::Forward), summed over places and divided by
/// the number of images (Redmon and Farhadi 2018, sections 2.1 and 2.2). Each true box belongs to
/// the one place of its centre's cell whose prior is most like it in shape; of two truths at one
/// place the later counts. That place learns
/// - the box: the gradient is truth minus prediction in all four values, as published, hence the
///   binary cross entropy of sigmoid(tx), sigmoid(ty) and half the squared error of tw, th;
/// - objectness 1 and the class of a lymph node (the first), by binary cross entropy.
/// Every other place learns objectness 0, unless its box overlaps a truth by an IoU above 0.5.
[[nodiscard]] YoloLoss YoloV3Loss(const torch::Tensor& raw,
                                  const YoloGrid& grid,
                                  const std::vector<torch::Tensor>& truths);

}  // namespace necknode::models
