#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/detection.h"
#include "core/volume.h"
#include "models/package.h"

namespace necknode::models {

/// The two networks of a package on one device, warmed. Not thread safe. Throws Error(kModel) where
/// the weights do not fit the architecture, Error(kUnsupported) where the device is not there.
class Inference {
 public:
  /// `device`: "auto" (cuda:0 where there is one, else cpu), "cpu" or "cuda:N".
  Inference(const Package& package, const std::string& device);
  ~Inference();
  /// Boxes with score >= the package's detection_score on slice `z`, best first, in the volume's
  /// own pixels, their malignant_logit filled by the classifier.
  [[nodiscard]] std::vector<Detection> Analyse(const Volume& volume, int z);
  /// The device in use, e.g. "cpu (2 threads)" or "cuda:0".
  [[nodiscard]] const std::string& device() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Sets LibTorch's threads from the process's CPU affinity (its own default may be one). Returns
/// the number.
int UseAllCpus();
/// Warns in the log where LibTorch runs on the reference BLAS. Returns the BLAS in use, e.g.
/// "openblas".
std::string CheckBlas();

}  // namespace necknode::models
