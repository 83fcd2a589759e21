#pragma once

#include <functional>
#include <vector>

#include "models/classifier.h"
#include "models/dataset.h"
#include "models/metrics.h"
#include "models/training_loop.h"

namespace necknode::models {

/// Rois of one batch as [N, C, S, S] on `device`. Throws Error(kInvalidArgument) where they differ
/// in shape or there are none.
[[nodiscard]] torch::Tensor StackRois(const std::vector<ClassifierSample>& samples,
                                      const torch::Device& device);

/// Answers of the network (in eval mode) to samples 0 .. `count` - 1.
[[nodiscard]] std::vector<JudgedBox> AskClassifier(Classifier& network,
                                                   ClassifierDataset& samples,
                                                   std::int64_t count);

/// Trains `network` on `training` with MalignancyLoss; every validate_every steps the accuracy at
/// probability 0.5 and the AUC are measured on the first `validation_count` samples of
/// `validation`. Errors as RunTraining.
TrainingReport TrainClassifier(Classifier& network,
                               ClassifierDataset& training,
                               ClassifierDataset& validation,
                               std::int64_t validation_count,
                               const TrainerOptions& options,
                               double smoothing,
                               const std::function<void(const TrainingReport&)>& progress);

}  // namespace necknode::models
