#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

#include "models/training_options.h"
#include "training/run_training.h"

namespace necknode::training {

/// What a resumed run must share with its checkpoint beside the trainer's own numbers: the entries
/// of each of `parts` (network, data, augmentation) by name.
[[nodiscard]] models::NamedTexts CourseOf(const nlohmann::ordered_json& parts);

/// Passes reports on and draws curve.png from curve.csv about as often as there is a checkpoint,
/// and at the end.
[[nodiscard]] TrainingProgress WithPicture(const models::TrainerOptions& options,
                                           const TrainingProgress& progress);

/// `last` with the losses and validation figures of the curve where this process, which may have
/// resumed a run after its last step, has none.
[[nodiscard]] models::TrainingReport CompletedFromCurve(models::TrainingReport last,
                                                        const std::filesystem::path& folder);

}  // namespace necknode::training
