#include "models/classifier_trainer.h"

#include <algorithm>
#include <memory>

#include "core/error.h"
#include "models/compute.h"
#include "models/losses.h"
#include "models/prefetcher.h"

namespace necknode::models {
namespace {

constexpr std::int64_t kValidationBatch = 16;

}  // namespace

torch::Tensor StackRois(const std::vector<ClassifierSample>& samples, const torch::Device& device) {
  if (samples.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "a batch of no regions of interest");
  }
  std::vector<torch::Tensor> rois;
  for (const auto& sample : samples) {
    if (sample.roi.sizes() != samples.front().roi.sizes()) {
      throw Error(ErrorCode::kInvalidArgument, "regions of interest of a batch differ in shape");
    }
    rois.push_back(sample.roi);
  }
  return torch::stack(rois).to(device);
}

std::vector<JudgedBox> AskClassifier(Classifier& network,
                                     ClassifierDataset& samples,
                                     std::int64_t count) {
  torch::NoGradGuard no_grad;
  const auto device = network.parameters().front().device();
  std::vector<JudgedBox> judged;
  for (std::int64_t first = 0; first < count; first += kValidationBatch) {
    std::vector<ClassifierSample> batch;
    for (std::int64_t i = first; i < std::min(count, first + kValidationBatch); ++i) {
      batch.push_back(samples.At(i));
    }
    const auto logits = network.MalignantLogit(StackRois(batch, device))
                            .to(torch::kCPU, torch::kFloat64)
                            .contiguous();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      judged.push_back({logits.data_ptr<double>()[i], batch[i].malignant});
    }
  }
  return judged;
}

TrainingReport TrainClassifier(Classifier& network,
                               ClassifierDataset& training,
                               ClassifierDataset& validation,
                               std::int64_t validation_count,
                               const TrainerOptions& options,
                               double smoothing,
                               const std::function<void(const TrainingReport&)>& progress) {
  const auto device = SelectDevice(options.device);
  network.to(device);
  std::unique_ptr<Prefetcher<ClassifierSample>> loader;
  const auto losses = [&](std::int64_t step) -> NamedLosses {
    if (!loader) {
      loader = std::make_unique<Prefetcher<ClassifierSample>>(
          training, step * options.batch, options.loader_threads, 4 * options.batch);
    }
    std::vector<ClassifierSample> samples;
    std::vector<float> malignant;
    for (int i = 0; i < options.batch; ++i) {
      samples.push_back(loader->Next());
      malignant.push_back(samples.back().malignant ? 1.0F : 0.0F);
    }
    const auto logits = network.MalignantLogit(StackRois(samples, device));
    return {{"class", MalignancyLoss(logits, torch::tensor(malignant).to(device), smoothing)}};
  };
  const auto validate = [&]() -> NamedValues {
    const auto figures =
        JudgeClassifier(AskClassifier(network, validation, validation_count), 1, 0.5);
    return {{"accuracy", figures.accuracy.value}, {"auc", figures.auc.value}};
  };
  Trainable trainable{network, losses, validate};
  if (validation_count <= 0) {
    trainable.validate = nullptr;
  }
  return RunTraining(options, trainable, progress);
}

}  // namespace necknode::models
