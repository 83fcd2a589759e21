#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace necknode::models {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// How a network is trained. The defaults are the recipe for the small variant (docs/training.md).
struct TrainerOptions {
  std::int64_t steps = 5000;
  int batch = 2;
  double learning_rate = 0.02;
  double momentum = 0.9;
  double weight_decay = 1e-4;
  double gradient_norm = 5;  ///< gradients are scaled down to this norm; 0: not
  std::int64_t warmup_steps = 200;
  std::string schedule = "cosine";  ///< cosine | steps
  std::vector<double> milestones = {
      0.6, 0.85};      ///< of "steps": fractions of the run at which the rate falls
  double gamma = 0.1;  ///< of "steps": by which factor
  std::uint64_t seed = 1;
  std::string device = "cpu";  ///< cpu | cuda:N
  std::int64_t checkpoint_every = 200;
  std::int64_t validate_every = 500;  ///< 0: never
  std::int64_t report_every = 20;     ///< rows of the curve
  int loader_threads = 1;
  bool autocast = true;          ///< bfloat16 where it is faster; on CUDA only
  bool resume = false;           ///< go on from the folder's checkpoint, which must be there
  bool overwrite = false;        ///< begin anew in a folder that holds a checkpoint
  std::filesystem::path folder;  ///< receives checkpoint.safetensors and curve.csv
  NamedTexts course;  ///< what else a resumed run must share: architecture, data, augmentation
};

/// Named values, in the order in which they are shown.
using NamedValues = std::vector<std::pair<std::string, double>>;

/// One report of the loop: means since the report before.
struct TrainingReport {
  std::int64_t step = 0;  ///< steps done
  double learning_rate = 0;
  double loss = 0;
  NamedValues losses;
  NamedValues validation;       ///< empty but after a validation
  std::int64_t first_step = 0;  ///< steps that earlier processes had done
  double seconds = 0;           ///< that led here, over all processes
};

}  // namespace necknode::models
