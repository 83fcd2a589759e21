#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

namespace necknode::models {

/// How a network is trained. The defaults are the recipe of docs/models.md for the small variant.
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
  bool resume = false;           ///< go on from the folder's checkpoint, if there is one
  std::filesystem::path folder;  ///< receives checkpoint.safetensors and curve.csv
};

/// Named values, in the order in which they are shown.
using NamedValues = std::vector<std::pair<std::string, double>>;
using NamedLosses = std::vector<std::pair<std::string, torch::Tensor>>;

/// One report of the loop: means since the report before.
struct TrainingReport {
  std::int64_t step = 0;  ///< steps done
  double learning_rate = 0;
  double loss = 0;
  NamedValues losses;
  NamedValues validation;  ///< empty but after a validation
};

/// The network and what the loop asks of it.
struct Trainable {
  torch::nn::Module& network;
  /// Losses (scalars, to be summed) of step `step`, counted from 0. Must depend on nothing but the
  /// network and `step`, which is asked for in ascending order, starting anywhere.
  std::function<NamedLosses(std::int64_t step)> losses;
  /// Figures on unseen data; may be empty.
  std::function<NamedValues()> validate;
};

/// Rate of step `step` (from 0): linear warm-up, then cosine to 0 or steps. Throws
/// Error(kInvalidArgument) for an unknown schedule.
[[nodiscard]] double LearningRateAt(const TrainerOptions& options, std::int64_t step);

/// Seed for the random choices of step `step`, so that no generator's state needs to be kept.
[[nodiscard]] std::uint64_t SeedOfStep(std::uint64_t seed, std::int64_t step);

/// Trains by SGD with momentum (as torch::optim::SGD) until options.steps. Writes checkpoints
/// atomically; with `resume`, a run that was killed ends with the weights of an unbroken run (bit
/// for bit on a CPU with the same threads). `progress` is called every report_every steps and at
/// the end. Returns the last report. Throws Error(kModel) where the loss is not finite or the
/// checkpoint does not fit, Error(kStorageFailed) on a failed write.
TrainingReport RunTraining(const TrainerOptions& options,
                           const Trainable& trainable,
                           const std::function<void(const TrainingReport&)>& progress);

/// The device that `name` means. Throws Error(kInvalidArgument), or Error(kUnsupported) where CUDA
/// is not there.
[[nodiscard]] torch::Device TrainingDevice(const std::string& name);

}  // namespace necknode::models
