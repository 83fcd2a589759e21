#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/nn/module.h>
#include <torch/types.h>

namespace necknode::models {

/// A safetensors file, mapped read-only: 8 bytes of length, a JSON header, raw tensors. Nothing in
/// it can be executed. Every length, offset and dtype is checked before a tensor is handed out.
/// Thread safe after construction.
class SafetensorsFile {
 public:
  /// Throws Error(kNotFound) where the file cannot be opened, Error(kModel) with the reason where
  /// it is not valid: header longer than the file or 16 MiB, JSON, unknown keys, dtypes other than
  /// F32, F16, BF16, I64, shape x dtype unlike the byte range, ranges that overlap or leave gaps,
  /// or do not end at the end of the file.
  explicit SafetensorsFile(const std::filesystem::path& path);
  ~SafetensorsFile();
  SafetensorsFile(SafetensorsFile&&) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept;

  [[nodiscard]] std::vector<std::string> Names() const;  ///< ascending
  [[nodiscard]] bool Has(const std::string& name) const;
  /// A copy of the tensor in the file's dtype, on the CPU. Throws Error(kModel) where there is none
  /// of that name.
  [[nodiscard]] torch::Tensor Tensor(const std::string& name) const;
  /// `__metadata__` of the header.
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes `tensors` (floating ones as `dtype`, kFloat32 or kFloat16; int64 as they are) to `path`,
/// by name ascending, through a ReplacedFile. Throws Error(kNoSpace), Error(kStorageFailed).
void WriteSafetensors(const std::filesystem::path& path,
                      const std::map<std::string, torch::Tensor>& tensors,
                      const std::map<std::string, std::string>& metadata = {},
                      torch::Dtype dtype = torch::kFloat32);

/// All parameters and buffers of `module` by name. num_batches_tracked is left out: it does not
/// steer inference, and a loaded file may lack it.
[[nodiscard]] std::map<std::string, torch::Tensor> StateOf(const torch::nn::Module& module);

/// Writes StateOf(module).
void SaveModule(const torch::nn::Module& module,
                const std::filesystem::path& path,
                torch::Dtype dtype = torch::kFloat32);

/// Fills every parameter and buffer of `module` in place (dtype converted, device kept). Throws
/// Error(kModel) naming the first few missing, surplus or differently shaped tensors, or a value
/// that is not finite; the module is then as before.
void LoadModule(torch::nn::Module& module, const SafetensorsFile& file);
void LoadModule(torch::nn::Module& module, const std::filesystem::path& path);

}  // namespace necknode::models
