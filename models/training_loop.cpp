#include "models/training_loop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "models/autocast.h"
#include "models/checkpoint.h"
#include "models/training_curve.h"

namespace necknode::models {
namespace {

/// SGD with momentum; the momentum is kept by parameter name so that a checkpoint can hold it.
class Sgd {
 public:
  Sgd(torch::nn::Module& network, const TrainerOptions& options) : options_(options) {
    for (auto& parameter : network.named_parameters()) {
      parameters_.emplace_back(parameter.key(), parameter.value());
    }
  }

  void ClearGradients() {
    for (auto& [name, parameter] : parameters_) {
      parameter.mutable_grad() = torch::Tensor();
    }
  }

  void Step(double learning_rate) {
    torch::NoGradGuard no_grad;
    if (options_.gradient_norm > 0) {
      std::vector<torch::Tensor> all;
      for (auto& [name, parameter] : parameters_) {
        all.push_back(parameter);
      }
      torch::nn::utils::clip_grad_norm_(all, options_.gradient_norm);
    }
    for (auto& [name, parameter] : parameters_) {
      if (!parameter.grad().defined()) {
        continue;
      }
      const auto gradient = parameter.grad().add(parameter, options_.weight_decay);
      auto& momentum = momentum_[name];
      if (momentum.defined()) {
        momentum.mul_(options_.momentum).add_(gradient);
      } else {
        momentum = gradient.clone();
      }
      parameter.add_(momentum, -learning_rate);
    }
  }

  [[nodiscard]] Momentum& momentum() { return momentum_; }

 private:
  const TrainerOptions& options_;
  std::vector<std::pair<std::string, torch::Tensor>> parameters_;
  Momentum momentum_;
};

/// Sums of losses between two reports.
class LossMeans {
 public:
  /// Goes on from what a checkpoint holds.
  explicit LossMeans(const RunState& state) : sums_(state.loss_sums), count_(state.loss_count) {}

  /// Adds the parts; gives their sum. Throws where it is not finite.
  double Add(const NamedLosses& losses, std::int64_t step) {
    double sum = 0;
    for (std::size_t i = 0; i < losses.size(); ++i) {
      const auto value = losses[i].second.item<double>();
      if (i >= sums_.size()) {
        sums_.emplace_back(losses[i].first, 0);
      }
      sums_[i].second += value;
      sum += value;
    }
    if (!std::isfinite(sum)) {
      throw Error(ErrorCode::kModel,
                  "training diverged: the loss of step " + std::to_string(step) + " is not finite");
    }
    ++count_;
    return sum;
  }

  void Report(TrainingReport& report) {
    for (const auto& [name, sum] : sums_) {
      const double mean = sum / static_cast<double>(count_);
      report.losses.emplace_back(name, mean);
      report.loss += mean;
    }
    sums_.clear();
    count_ = 0;
  }

  void Keep(RunState& state) const {
    state.loss_sums = sums_;
    state.loss_count = count_;
  }

 private:
  NamedValues sums_;
  std::int64_t count_;
};

bool IsDue(std::int64_t every, std::int64_t done, std::int64_t steps) {
  return every > 0 && (done % every == 0 || done == steps);
}

torch::Tensor Sum(const NamedLosses& losses) {
  torch::Tensor total = losses.front().second;
  for (std::size_t i = 1; i < losses.size(); ++i) {
    total = total + losses[i].second;
  }
  return total;
}

}  // namespace

double LearningRateAt(const TrainerOptions& options, std::int64_t step) {
  if (options.schedule != "cosine" && options.schedule != "steps") {
    throw Error(ErrorCode::kInvalidArgument,
                "schedule is '" + options.schedule + "', not cosine or steps");
  }
  const auto at = static_cast<double>(step);
  const auto warmup = static_cast<double>(options.warmup_steps);
  if (step < options.warmup_steps) {
    return options.learning_rate * (at + 1) / warmup;
  }
  const auto steps = static_cast<double>(options.steps);
  if (options.schedule == "cosine") {
    const double done = steps > warmup ? std::min(1.0, (at - warmup) / (steps - warmup)) : 1.0;
    return options.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * done));
  }
  double rate = options.learning_rate;
  for (const double milestone : options.milestones) {
    rate *= at >= milestone * steps ? options.gamma : 1;
  }
  return rate;
}

std::uint64_t SeedOfStep(std::uint64_t seed, std::int64_t step) {
  // SplitMix64: neighbouring steps get unrelated seeds.
  std::uint64_t x = seed * 0x9e3779b97f4a7c15ULL + static_cast<std::uint64_t>(step) + 1;
  x = (x + 0x9e3779b97f4a7c15ULL);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

TrainingReport RunTraining(const TrainerOptions& options,
                           const Trainable& trainable,
                           const std::function<void(const TrainingReport&)>& progress) {
  using Clock = std::chrono::steady_clock;
  PrepareFolder(options);
  Sgd sgd(trainable.network, options);
  RunState state;
  if (options.resume) {
    state = ReadCheckpoint(options, trainable.network, sgd.momentum());
  }
  const std::int64_t first = state.step;
  const double earlier = state.seconds;
  const auto start = Clock::now();
  const auto seconds = [&] {
    return earlier + std::chrono::duration<double>(Clock::now() - start).count();
  };
  const auto device = trainable.network.parameters().front().device();
  TrainingCurve curve(options.folder / kCurveFile, first);
  LossMeans means(state);
  TrainingReport report;
  report.step = report.first_step = first;
  for (std::int64_t step = first; step < options.steps; ++step) {
    trainable.network.train();
    // For dropout, should a network have one.
    torch::manual_seed(SeedOfStep(options.seed, step));
    const double rate = LearningRateAt(options, step);
    sgd.ClearGradients();
    NamedLosses losses;
    {
      const Autocast autocast(device, options.autocast && device.is_cuda());
      losses = trainable.losses(step);
    }
    means.Add(losses, step);
    Sum(losses).backward();
    sgd.Step(rate);
    const std::int64_t done = step + 1;
    const bool validates = trainable.validate && IsDue(options.validate_every, done, options.steps);
    if (validates || IsDue(options.report_every, done, options.steps)) {
      report = {done, rate, 0, {}, {}, first, 0};
      means.Report(report);
      if (validates) {
        trainable.network.eval();
        report.validation = trainable.validate();
      }
      report.seconds = seconds();
      curve.Add(report);
      if (progress) {
        progress(report);
      }
    }
    if (IsDue(options.checkpoint_every, done, options.steps)) {
      // The curve first: a checkpoint never knows more than the curve does.
      curve.Sync();
      state.step = done;
      state.seconds = seconds();
      means.Keep(state);
      WriteCheckpoint(options, trainable.network, sgd.momentum(), state);
    }
  }
  curve.Sync();
  report.seconds = seconds();
  return report;
}

}  // namespace necknode::models
