#include <string_view>
#include <utility>

#include <torch/nn/module.h>

#include "core/error.h"
#include "models/safetensors.h"
#include "models/tensor_checks.h"

namespace necknode::models {
namespace {

/// Batch norm's counter steers nothing at inference, and not every exporter writes it.
bool IsCounter(const std::string& name) {
  constexpr std::string_view kCounter = "num_batches_tracked";
  return name.size() >= kCounter.size() && name.ends_with(kCounter);
}

}  // namespace

std::map<std::string, torch::Tensor> StateOf(const torch::nn::Module& module) {
  std::map<std::string, torch::Tensor> state;
  for (const auto& item : module.named_parameters())
    state.emplace(item.key(), item.value());
  for (const auto& item : module.named_buffers()) {
    if (!IsCounter(item.key()))
      state.emplace(item.key(), item.value());
  }
  return state;
}

void SaveModule(const torch::nn::Module& module,
                const std::filesystem::path& path,
                torch::Dtype dtype) {
  WriteSafetensors(path, StateOf(module), {{"format", "pt"}}, dtype);
}

void LoadModule(torch::nn::Module& module, const SafetensorsFile& file) {
  const std::map<std::string, torch::Tensor> state = StateOf(module);
  std::vector<std::string> problems;
  std::vector<std::pair<torch::Tensor, torch::Tensor>> copies;  // target, source
  for (const auto& [name, target] : state) {
    if (!file.Has(name)) {
      problems.push_back("'" + name + "' is missing");
      continue;
    }
    torch::Tensor source = file.Tensor(name);
    if (source.sizes() != target.sizes()) {
      problems.push_back("'" + name + "' has shape " + ShapeText(source) + ", expected " +
                         ShapeText(target));
    } else if (!source.is_floating_point() || !torch::isfinite(source).all().item<bool>()) {
      problems.push_back("'" + name + "' holds values that are not finite numbers");
    } else {
      copies.emplace_back(target, std::move(source));
    }
  }
  for (const std::string& name : file.Names()) {
    if (!state.contains(name) && !IsCounter(name))
      problems.push_back("'" + name + "' is surplus");
  }
  RequireFit(problems);
  const torch::NoGradGuard no_grad;
  for (auto& [target, source] : copies)
    target.copy_(source);
}

void LoadModule(torch::nn::Module& module, const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  try {
    LoadModule(module, file);
  } catch (const Error& e) {
    throw Error(e.code(), path.string() + ": " + e.what());
  }
}

}  // namespace necknode::models
