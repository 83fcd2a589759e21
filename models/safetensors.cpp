#include "models/safetensors.h"

#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "models/replaced_file.h"
#include "models/safetensors_header.h"

namespace necknode::models {
namespace {

using Json = nlohmann::json;

torch::Dtype TorchTypeOf(SafetensorsDtype dtype) {
  switch (dtype) {
    case SafetensorsDtype::kF32:
      return torch::kFloat32;
    case SafetensorsDtype::kF16:
      return torch::kFloat16;
    case SafetensorsDtype::kBF16:
      return torch::kBFloat16;
    case SafetensorsDtype::kI64:
      return torch::kInt64;
  }
  throw Error(ErrorCode::kInternal, "unknown dtype");
}

}  // namespace

/// A file mapped read-only.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      throw Error(ErrorCode::kNotFound,
                  path.string() + ": cannot be opened: " + std::strerror(errno));
    }
    struct stat info {};
    const bool regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    size_ = regular ? static_cast<std::size_t>(info.st_size) : 0;
    if (size_ > 0)
      data_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (!regular)
      throw Error(ErrorCode::kModel, path.string() + ": not a regular file");
    if (data_ == MAP_FAILED) {
      throw Error(ErrorCode::kNotFound,
                  path.string() + ": cannot be mapped: " + std::strerror(errno));
    }
  }
  ~MappedFile() {
    if (data_ != nullptr)
      munmap(data_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  [[nodiscard]] const char* data() const { return static_cast<const char*>(data_); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

struct SafetensorsFile::State {
  explicit State(const std::filesystem::path& path) : mapping(path) {
    try {
      header = ParseSafetensorsHeader({mapping.data(), mapping.size()});
    } catch (const Error& e) {
      throw Error(e.code(), path.string() + ": " + e.what());
    }
  }

  MappedFile mapping;
  SafetensorsHeader header;
};

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : state_(std::make_unique<State>(path)) {}
SafetensorsFile::~SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;

std::vector<std::string> SafetensorsFile::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : state_->header.entries)
    names.push_back(name);
  return names;
}

bool SafetensorsFile::Has(const std::string& name) const {
  return state_->header.entries.contains(name);
}

torch::Tensor SafetensorsFile::Tensor(const std::string& name) const {
  const auto found = state_->header.entries.find(name);
  if (found == state_->header.entries.end())
    throw Error(ErrorCode::kModel, "no tensor '" + name + "'");
  const SafetensorsEntry& entry = found->second;
  torch::Tensor tensor = torch::empty(entry.shape, TorchTypeOf(entry.dtype));
  // The file's tensors need not be aligned: copied, never viewed.
  if (entry.end > entry.begin) {
    std::memcpy(tensor.data_ptr(),
                state_->mapping.data() + state_->header.data_begin + entry.begin,
                static_cast<std::size_t>(entry.end - entry.begin));
  }
  return tensor;
}

const std::map<std::string, std::string>& SafetensorsFile::metadata() const {
  return state_->header.metadata;
}

void WriteSafetensors(const std::filesystem::path& path,
                      const std::map<std::string, torch::Tensor>& tensors,
                      const std::map<std::string, std::string>& metadata,
                      torch::Dtype dtype) {
  if (dtype != torch::kFloat32 && dtype != torch::kFloat16) {
    throw Error(ErrorCode::kInvalidArgument, "weights are written as float32 or float16 only");
  }
  Json header = Json::object();
  if (!metadata.empty())
    header["__metadata__"] = metadata;
  std::vector<torch::Tensor> stored;
  std::uint64_t position = 0;
  for (const auto& [name, tensor] : tensors) {
    const bool integer = tensor.scalar_type() == torch::kInt64;
    if (!integer && !tensor.is_floating_point()) {
      throw Error(ErrorCode::kInvalidArgument,
                  "tensor '" + name + "' is neither floating nor int64");
    }
    stored.push_back(tensor.detach().to(torch::kCPU, integer ? torch::kInt64 : dtype).contiguous());
    const std::uint64_t end = position + static_cast<std::uint64_t>(stored.back().nbytes());
    const char* type = integer ? "I64" : (dtype == torch::kFloat16 ? "F16" : "F32");
    header[name] = {
        {"dtype", type}, {"shape", tensor.sizes().vec()}, {"data_offsets", {position, end}}};
    position = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // tensors then begin at a multiple of 8
  const std::uint64_t length = text.size();
  char length_bytes[kSafetensorsLengthBytes];
  std::memcpy(length_bytes, &length, kSafetensorsLengthBytes);
  ReplacedFile file(path);
  file.Write(length_bytes, kSafetensorsLengthBytes);
  file.Write(text.data(), text.size());
  for (const torch::Tensor& tensor : stored) {
    file.Write(tensor.data_ptr(), static_cast<std::size_t>(tensor.nbytes()));
  }
  file.Commit();
}

}  // namespace necknode::models
