#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "models/training_options.h"

namespace necknode::models {

/// Losses by name, in the order in which they are shown.
using NamedLosses = std::vector<std::pair<std::string, torch::Tensor>>;

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

/// Trains by SGD with momentum (as torch::optim::SGD) until options.steps. Folder and checkpoint as
/// models/checkpoint.h has them; with `resume`, a run that was killed at any moment ends with the
/// weights and the curve of an unbroken run (bit for bit on a CPU with the same threads).
/// `progress` is called every report_every steps and at the end. Returns the last report. Throws
/// Error(kModel) where the loss is not finite, Error(kNoSpace) or Error(kStorageFailed) on a failed
/// write, which leaves the last checkpoint whole, and what PrepareFolder and ReadCheckpoint throw.
TrainingReport RunTraining(const TrainerOptions& options,
                           const Trainable& trainable,
                           const std::function<void(const TrainingReport&)>& progress);

}  // namespace necknode::models
