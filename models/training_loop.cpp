#include "models/training_loop.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numbers>
#include <sstream>

#include "core/error.h"
#include "models/safetensors.h"

namespace necknode::models {
namespace {

constexpr const char* kCheckpointFile = "checkpoint.safetensors";
constexpr const char* kCurveFile = "curve.csv";

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

  [[nodiscard]] std::map<std::string, torch::Tensor>& momentum() { return momentum_; }

 private:
  const TrainerOptions& options_;
  std::vector<std::pair<std::string, torch::Tensor>> parameters_;
  std::map<std::string, torch::Tensor> momentum_;
};

/// What changes the course of a run: a checkpoint of another course is refused.
std::string CourseOf(const TrainerOptions& options) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << options.steps << ' ' << options.batch << ' ' << options.learning_rate << ' '
       << options.momentum << ' ' << options.weight_decay << ' ' << options.gradient_norm << ' '
       << options.warmup_steps << ' ' << options.schedule << ' ' << options.gamma << ' '
       << options.seed;
  for (const double milestone : options.milestones) {
    text << ' ' << milestone;
  }
  return text.str();
}

void WriteCheckpoint(const TrainerOptions& options,
                     const torch::nn::Module& network,
                     Sgd& sgd,
                     std::int64_t step) {
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& [name, tensor] : StateOf(network)) {
    tensors.emplace("network." + name, tensor);
  }
  for (const auto& [name, tensor] : sgd.momentum()) {
    tensors.emplace("momentum." + name, tensor);
  }
  WriteSafetensors(options.folder / kCheckpointFile,
                   tensors,
                   {{"step", std::to_string(step)}, {"course", CourseOf(options)}});
}

void CopyFrom(const SafetensorsFile& file, const std::string& name, torch::Tensor target) {
  const torch::Tensor source = file.Tensor(name);
  if (source.sizes() != target.sizes()) {
    throw Error(ErrorCode::kModel, "checkpoint: " + name + " has another shape than the network's");
  }
  target.copy_(source);
}

/// Fills network and momentum from the folder's checkpoint; the step that it was written at, 0
/// where there is none.
std::int64_t ReadCheckpoint(const TrainerOptions& options, torch::nn::Module& network, Sgd& sgd) {
  const auto path = options.folder / kCheckpointFile;
  if (!std::filesystem::exists(path)) {
    return 0;
  }
  const SafetensorsFile file(path);
  const auto& metadata = file.metadata();
  if (!metadata.contains("step") || !metadata.contains("course")) {
    throw Error(ErrorCode::kModel, "checkpoint: no step or course in " + path.filename().string());
  }
  if (metadata.at("course") != CourseOf(options)) {
    throw Error(ErrorCode::kModel,
                "checkpoint: written by a run with other options (" + metadata.at("course") +
                    ", now " + CourseOf(options) + "); use another folder or start anew");
  }
  torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : StateOf(network)) {
    if (!file.Has("network." + name)) {
      throw Error(ErrorCode::kModel, "checkpoint: " + name + " is missing");
    }
  }
  for (auto& parameter : network.named_parameters()) {
    CopyFrom(file, "network." + parameter.key(), parameter.value());
    const std::string momentum = "momentum." + parameter.key();
    if (file.Has(momentum)) {
      sgd.momentum()[parameter.key()] = torch::zeros_like(parameter.value());
      CopyFrom(file, momentum, sgd.momentum()[parameter.key()]);
    }
  }
  for (auto& buffer : network.named_buffers()) {
    if (file.Has("network." + buffer.key())) {
      CopyFrom(file, "network." + buffer.key(), buffer.value());
    }
  }
  return std::stoll(metadata.at("step"));
}

/// The curve: one row a report. Rows beyond the checkpoint are dropped when a run is resumed.
class Curve {
 public:
  Curve(std::filesystem::path path, std::int64_t from_step) : path_(std::move(path)) {
    std::vector<std::string> kept;
    std::ifstream old(path_);
    for (std::string line; from_step > 0 && std::getline(old, line);) {
      if (kept.empty() || std::strtoll(line.c_str(), nullptr, 10) <= from_step) {
        kept.push_back(line);
      }
    }
    old.close();
    file_.open(path_, std::ios::trunc);
    file_.imbue(std::locale::classic());
    for (const auto& line : kept) {
      file_ << line << '\n';
    }
    has_header_ = !kept.empty();
  }

  /// Validation figures stand as name=value in the last column: they come at some rows only.
  void Add(const TrainingReport& report) {
    if (!has_header_) {
      file_ << "step,learning_rate,loss";
      for (const auto& [name, value] : report.losses) {
        file_ << ',' << name;
      }
      file_ << ",validation\n";
      has_header_ = true;
    }
    file_ << report.step << ',' << report.learning_rate << ',' << report.loss;
    for (const auto& [name, value] : report.losses) {
      file_ << ',' << value;
    }
    file_ << ',';
    for (std::size_t i = 0; i < report.validation.size(); ++i) {
      file_ << (i > 0 ? " " : "") << report.validation[i].first << '='
            << report.validation[i].second;
    }
    file_ << '\n' << std::flush;
    if (!file_) {
      throw Error(ErrorCode::kStorageFailed, "cannot write " + path_.string());
    }
  }

 private:
  std::filesystem::path path_;
  std::ofstream file_;
  bool has_header_ = false;
};

/// Sums of losses between two reports.
class LossMeans {
 public:
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
      report.losses.emplace_back(name, sum / count_);
      report.loss += sum / count_;
    }
    sums_.clear();
    count_ = 0;
  }

 private:
  NamedValues sums_;
  double count_ = 0;
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
  std::filesystem::create_directories(options.folder);
  Sgd sgd(trainable.network, options);
  const std::int64_t first = options.resume ? ReadCheckpoint(options, trainable.network, sgd) : 0;
  Curve curve(options.folder / kCurveFile, first);
  LossMeans means;
  TrainingReport report;
  report.step = first;
  for (std::int64_t step = first; step < options.steps; ++step) {
    trainable.network.train();
    // For dropout, should a network have one.
    torch::manual_seed(SeedOfStep(options.seed, step));
    const double rate = LearningRateAt(options, step);
    sgd.ClearGradients();
    const NamedLosses losses = trainable.losses(step);
    means.Add(losses, step);
    Sum(losses).backward();
    sgd.Step(rate);
    const std::int64_t done = step + 1;
    const bool validates = trainable.validate && IsDue(options.validate_every, done, options.steps);
    if (validates || IsDue(options.report_every, done, options.steps)) {
      report = {done, rate, 0, {}, {}};
      means.Report(report);
      if (validates) {
        trainable.network.eval();
        report.validation = trainable.validate();
      }
      curve.Add(report);
      if (progress) {
        progress(report);
      }
    }
    if (IsDue(options.checkpoint_every, done, options.steps)) {
      WriteCheckpoint(options, trainable.network, sgd, done);
    }
  }
  return report;
}

}  // namespace necknode::models
