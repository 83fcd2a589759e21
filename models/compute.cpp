#include "models/compute.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <sched.h>
#include <torch/cuda.h>

#include "core/error.h"
#include "core/log.h"
#include "models/inference.h"

namespace necknode::models {

torch::Device SelectDevice(const std::string& name) {
  constexpr std::string_view kCuda = "cuda:";
  if (name == "cpu")
    return torch::Device(torch::kCPU);
  const auto count =
      torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
  if (name == "auto")
    return count > 0 ? torch::Device(torch::kCUDA, 0) : torch::Device(torch::kCPU);
  int index = -1;
  if (name.starts_with(kCuda)) {
    const char* end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + kCuda.size(), end, index);
    if (error != std::errc() || rest != end)
      index = -1;
  }
  if (index < 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "device is '" + name + "', expected auto, cpu or cuda:N");
  }
  if (index >= count) {
    throw Error(
        ErrorCode::kUnsupported,
        "device is '" + name + "', but LibTorch sees " + std::to_string(count) + " CUDA devices" +
            (at::hasCUDA() || count > 0 ? ""
                                        : " (this LibTorch has no CUDA, or there is no driver)"));
  }
  return {torch::kCUDA, static_cast<torch::DeviceIndex>(index)};
}

std::string DeviceText(const torch::Device& device) {
  if (device.is_cpu())
    return "cpu (" + std::to_string(at::get_num_threads()) + " threads)";
  return device.str();
}

int UseAllCpus() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  const int cpus = sched_getaffinity(0, sizeof(mask), &mask) == 0 ? CPU_COUNT(&mask) : 1;
  at::set_num_threads(std::max(1, cpus));
  return at::get_num_threads();
}

std::string CheckBlas() {
  if (at::hasMKL())
    return "mkl";
  // Debian's libtorch takes its BLAS through the alternatives: ask the loader which library
  // answers.
  Dl_info info{};
  void* symbol = dlsym(RTLD_DEFAULT, "sgemm_");
  if (symbol == nullptr || dladdr(symbol, &info) == 0 || info.dli_fname == nullptr)
    return "built in";
  std::error_code error;
  const std::string path = std::filesystem::weakly_canonical(info.dli_fname, error).string();
  for (const char* known : {"openblas", "mkl", "blis", "atlas"}) {
    if (path.find(known) != std::string::npos)
      return known;
  }
  if (path.find("libblas") == std::string::npos)
    return "built in";
  Log(LogLevel::kWarning,
      "slow_blas",
      {{"library", path}, {"advice", "install libopenblas0-pthread: about 30 times faster"}});
  return "reference";
}

}  // namespace necknode::models
