#include "models/count_macs.h"

#include <memory>
#include <string_view>

#include <ATen/record_function.h>

namespace necknode::models {
namespace {

/// Of the calling thread's count.
struct Counter {
  std::int64_t macs = 0;
  bool inside = false;  ///< an operator's own calls belong to it
};
thread_local Counter counter;

/// What an operator does, as far as its inputs tell: they are gone at its end, when its output is
/// known.
struct Work : at::ObserverContext {
  std::int64_t macs = 0;
  std::int64_t macs_per_output = 0;
};

/// Absent for an operator that is not counted.
std::unique_ptr<Work> WorkOf(std::string_view name, c10::ArrayRef<const c10::IValue> inputs) {
  constexpr std::size_t kTransposed = 6;  // its place among a convolution's arguments
  auto work = std::make_unique<Work>();
  if (name == "aten::convolution") {
    const at::Tensor weight =
        inputs[1].toTensor();  // [out, in / groups, ...]; transposed [in, ...]
    const std::int64_t each = weight.numel() / weight.size(0);
    if (inputs[kTransposed].toBool()) {
      work->macs = inputs[0].toTensor().numel() * each;
    } else {
      work->macs_per_output = each;
    }
  } else if (name == "aten::linear" || name == "aten::matmul" || name == "aten::mm" ||
             name == "aten::bmm" || name == "aten::mv") {
    work->macs_per_output = inputs[0].toTensor().size(-1);
  } else if (name == "aten::addmm" || name == "aten::baddbmm" || name == "aten::addmv") {
    work->macs_per_output = inputs[1].toTensor().size(-1);
  } else {
    return nullptr;
  }
  return work;
}

std::unique_ptr<at::ObserverContext> OnStart(const at::RecordFunction& function) {
  if (counter.inside)
    return nullptr;
  auto work = WorkOf(function.name(), function.inputs());
  counter.inside = work != nullptr;
  return work;
}

void OnEnd(const at::RecordFunction& function, at::ObserverContext* context) {
  if (context == nullptr)
    return;
  counter.inside = false;
  // None where the operator threw.
  if (function.outputs().empty())
    return;
  const auto* work = static_cast<Work*>(context);
  counter.macs +=
      work->macs + function.outputs().front().toTensor().numel() * work->macs_per_output;
}

class Callback {
 public:
  Callback()
      : handle_(at::addThreadLocalCallback(at::RecordFunctionCallback(OnStart, OnEnd)
                                               .needsInputs(true)
                                               .needsOutputs(true)
                                               .scopes({at::RecordScope::FUNCTION}))) {}
  ~Callback() { at::removeCallback(handle_); }
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;

 private:
  at::CallbackHandle handle_;
};

}  // namespace

std::int64_t CountMacs(const std::function<void()>& run) {
  counter = {};
  const Callback callback;
  run();
  return counter.macs;
}

std::int64_t CountParameters(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : module.parameters())
    count += parameter.numel();
  return count;
}

}  // namespace necknode::models
