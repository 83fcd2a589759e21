#include "models/detector_trainer.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "core/error.h"
#include "models/compute.h"
#include "models/prefetcher.h"

namespace necknode::models {
namespace {

constexpr std::int64_t kStride = 32;

torch::Device DeviceOf(const torch::nn::Module& network) {
  return network.parameters().front().device();
}

std::int64_t RoundUp(std::int64_t value) { return (value + kStride - 1) / kStride * kStride; }

}  // namespace

torch::Tensor StackImages(const std::vector<DetectorSample>& samples, const torch::Device& device) {
  if (samples.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "a batch of no images");
  }
  const auto channels = samples.front().image.size(0);
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  for (const auto& sample : samples) {
    if (sample.image.dim() != 3 || sample.image.size(0) != channels) {
      throw Error(ErrorCode::kInvalidArgument, "images of a batch differ in their channels");
    }
    rows = std::max(rows, sample.image.size(1));
    columns = std::max(columns, sample.image.size(2));
  }
  auto batch = torch::full({std::ssize(samples), channels, RoundUp(rows), RoundUp(columns)}, -1.0F);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& image = samples[i].image;
    batch[static_cast<std::int64_t>(i)]
        .slice(1, 0, image.size(1))
        .slice(2, 0, image.size(2))
        .copy_(image);
  }
  return batch.to(device);
}

NamedLosses DetectorLosses(Detector& network,
                           const std::vector<DetectorSample>& samples,
                           std::uint64_t seed) {
  const auto device = DeviceOf(network);
  const auto images = StackImages(samples, device);
  std::vector<torch::Tensor> truths;
  for (const auto& sample : samples) {
    truths.push_back(sample.boxes.to(device).reshape({-1, 4}));
  }
  return network.Losses(images, truths, seed);
}

DetectorAnswers AskDetector(Detector& network,
                            DetectorDataset& samples,
                            std::int64_t count,
                            double score) {
  const auto device = DeviceOf(network);
  DetectorAnswers answers;
  std::map<std::string, int> patients;
  for (std::int64_t index = 0; index < count; ++index) {
    const auto sample = samples.At(index);
    const int patient =
        patients.try_emplace(sample.patient, static_cast<int>(patients.size())).first->second;
    const auto found = network.Predict(StackImages({sample}, device), score).front();
    const auto boxes = found.boxes.to(torch::kCPU, torch::kFloat64).contiguous();
    const auto scores = found.scores.to(torch::kCPU, torch::kFloat64).contiguous();
    const auto truth = sample.boxes.to(torch::kFloat64).reshape({-1, 4}).contiguous();
    const auto box_at = [](const torch::Tensor& from, std::int64_t row) {
      const double* at = from.data_ptr<double>() + 4 * row;
      return Box{at[0], at[1], at[2], at[3]};
    };
    for (std::int64_t i = 0; i < boxes.size(0); ++i) {
      answers.scored.push_back(
          {static_cast<int>(index), box_at(boxes, i), scores.data_ptr<double>()[i], patient});
    }
    for (std::int64_t i = 0; i < truth.size(0); ++i) {
      answers.truths.push_back({static_cast<int>(index), box_at(truth, i), patient});
    }
  }
  return answers;
}

TrainingReport TrainDetector(Detector& network,
                             DetectorDataset& training,
                             DetectorDataset& validation,
                             std::int64_t validation_count,
                             const TrainerOptions& options,
                             const std::function<void(const TrainingReport&)>& progress) {
  network.to(SelectDevice(options.device));
  std::unique_ptr<Prefetcher<DetectorSample>> loader;
  const auto losses = [&](std::int64_t step) {
    if (!loader) {
      loader = std::make_unique<Prefetcher<DetectorSample>>(
          training, step * options.batch, options.loader_threads, 4 * options.batch);
    }
    std::vector<DetectorSample> samples;
    for (int i = 0; i < options.batch; ++i) {
      samples.push_back(loader->Next());
    }
    return DetectorLosses(network, samples, SeedOfStep(options.seed, step));
  };
  const auto validate = [&]() -> NamedValues {
    const auto answers = AskDetector(network, validation, validation_count, 0.05);
    const auto matches = MatchBoxesToTruth(answers.scored, answers.truths, 0.5);
    const auto best = BestF1Point(matches, std::ssize(answers.truths));
    return {{"ap50", AveragePrecision(matches, std::ssize(answers.truths))},
            {"recall", best.Recall()},
            {"precision", best.Precision()}};
  };
  Trainable trainable{network, losses, validate};
  if (validation_count <= 0) {
    trainable.validate = nullptr;
  }
  return RunTraining(options, trainable, progress);
}

}  // namespace necknode::models
