#pragma once

#include <cstdint>
#include <string>

#include <torch/torch.h>

namespace necknode::models {

/// One image with its lymph nodes, free of the format that it came from.
struct DetectorSample {
  torch::Tensor image;      ///< [channels, rows, columns] float32, preprocessed as inference does
                            ///< (models/preprocess.h)
  torch::Tensor boxes;      ///< [nodes, 4] float32: x0, y0, x1, y1 in pixel edges of `image`
  torch::Tensor malignant;  ///< [nodes] bool
  std::string patient;      ///< for splits: a patient stands on one side only
};

/// One region of interest with its class.
struct ClassifierSample {
  torch::Tensor roi;  ///< [channels, size, size] float32, cut as inference does
  bool malignant = false;
  std::string patient;
};

/// An endless stream of samples. Sample `index` >= 0 is the same on every call, whichever thread
/// asks, so that a run can be resumed at any index and does not depend on the number of threads.
/// `At` is thread safe; it throws Error.
template <typename Sample>
class Dataset {
 public:
  virtual ~Dataset() = default;
  [[nodiscard]] virtual Sample At(std::int64_t index) = 0;
};

using DetectorDataset = Dataset<DetectorSample>;
using ClassifierDataset = Dataset<ClassifierSample>;

}  // namespace necknode::models
