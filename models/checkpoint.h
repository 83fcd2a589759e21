#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <torch/nn.h>

#include "models/training_options.h"

namespace necknode::models {

inline constexpr const char* kCheckpointFile = "checkpoint.safetensors";

/// Momentum of the optimiser by parameter name.
using Momentum = std::map<std::string, torch::Tensor>;

/// Where a run stands, beside network and momentum. All random choices come from seed and step.
struct RunState {
  std::int64_t step = 0;  ///< steps done
  double seconds = 0;     ///< that led here, over all processes
  NamedValues loss_sums;  ///< since the last row of the curve
  std::int64_t loss_count = 0;
};

/// What decides the course of a run, by name: the options' numbers and `options.course`.
[[nodiscard]] NamedTexts CourseOf(const TrainerOptions& options);

/// Makes the folder fit for a run. Throws Error(kInvalidArgument), naming the folder, where
/// `resume` finds no checkpoint, or where there is one and neither `resume` nor `overwrite` is set;
/// `overwrite` removes checkpoint and curve.
void PrepareFolder(const TrainerOptions& options);

/// Replaces the folder's checkpoint: after a kill at any moment there is the old one or the new
/// one. Throws Error(kNoSpace), Error(kStorageFailed).
void WriteCheckpoint(const TrainerOptions& options,
                     const torch::nn::Module& network,
                     const Momentum& momentum,
                     const RunState& state);

/// Fills network and momentum from the folder's checkpoint. Throws Error(kInvalidArgument) naming
/// each option that differs from the checkpoint's course, Error(kModel) where the file is not a
/// checkpoint of this network.
[[nodiscard]] RunState ReadCheckpoint(const TrainerOptions& options,
                                      torch::nn::Module& network,
                                      Momentum& momentum);

}  // namespace necknode::models
