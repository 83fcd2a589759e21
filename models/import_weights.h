#pragma once

#include <string>
#include <vector>

#include <torch/nn/module.h>

#include "models/safetensors.h"

namespace necknode::models {

/// What became of every tensor of a network and of the file that it was filled from.
struct ImportReport {
  std::vector<std::string> taken;        ///< of the network: copied
  std::vector<std::string> adapted;      ///< of the network: computed, see ImportWeights
  std::vector<std::string> initialised;  ///< of the network: left as they were
  std::vector<std::string> dropped;      ///< of the file: nothing in the network takes them
};

/// Fills `network` with weights that torchvision named: of a classification network or of
/// fasterrcnn_resnet50_fpn (also by the names of its older files), each into either. Rules:
/// - A first convolution of three colours becomes one of neighbouring slices, so that a grey
///   picture in all of them gives what torchvision gives for that picture in RGB, away from the
///   border: the colours' kernels, each over 2 x the standard deviation of torchvision's
///   normalisation (for -1..1 stands where 0..1 stood), are summed and divided by the number of
///   slices; what the normalisation's means add goes into the running mean of the norm behind it.
/// - Heads (rpn, roi_heads, head, fc, classifier) are taken whole, each where all its shapes agree,
///   and otherwise left as they were: the 91 classes of COCO and ImageNet's 1000 go.
/// - A pyramid, further levels and attention that the file lacks are left as they were.
/// Throws Error(kModel), the network being as before, where anything else is missing or has another
/// shape, a value is not finite, or the network has no batch norms.
ImportReport ImportWeights(torch::nn::Module& network, const SafetensorsFile& file);

}  // namespace necknode::models
