#include "models/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "models/replaced_file.h"
#include "models/strict_json.h"

namespace necknode::models {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little endian");

using Json = nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeader = 16U << 20U;
constexpr std::size_t kMaxDimensions = 8;

struct Dtype {
  const char* name;
  torch::Dtype type;
  std::uint64_t size;
};
constexpr Dtype kDtypes[] = {{"F32", torch::kFloat32, 4},
                             {"F16", torch::kFloat16, 2},
                             {"BF16", torch::kBFloat16, 2},
                             {"I64", torch::kInt64, 8}};

struct Entry {
  Dtype dtype{};
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;  ///< in the data, behind the header
};

/// A file mapped read-only.
class Mapping {
 public:
  explicit Mapping(const std::filesystem::path& path) {
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
  ~Mapping() {
    if (data_ != nullptr)
      munmap(data_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  [[nodiscard]] const char* data() const { return static_cast<const char*>(data_); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

[[noreturn]] void Refuse(const std::string& reason) { throw Error(ErrorCode::kModel, reason); }

/// Bytes of a shape, refusing what does not fit 63 bits.
std::uint64_t BytesOf(const std::string& name,
                      const std::vector<std::int64_t>& shape,
                      std::uint64_t size) {
  std::uint64_t bytes = size;
  for (const std::int64_t extent : shape) {
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(extent), &bytes) ||
        bytes >> 63U != 0) {
      Refuse("tensor '" + name + "' has a shape whose size overflows");
    }
  }
  return bytes;
}

std::uint64_t Unsigned(const std::string& name, const char* what, const Json& value) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() >> 62U != 0) {
    Refuse("tensor '" + name + "' has " + what + " " + value.dump() +
           ", expected a whole number from 0");
  }
  return value.get<std::uint64_t>();
}

Entry ParseEntry(const std::string& name, const Json& json, std::uint64_t data_size) {
  if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets")) {
    Refuse("tensor '" + name + "' does not have exactly dtype, shape and data_offsets");
  }
  Entry entry;
  const Json& dtype = json["dtype"];
  const auto* known = std::find_if(
      std::begin(kDtypes), std::end(kDtypes), [&](const Dtype& d) { return dtype == d.name; });
  if (known == std::end(kDtypes)) {
    Refuse("tensor '" + name + "' has dtype " + dtype.dump() + ", expected F32, F16, BF16 or I64");
  }
  entry.dtype = *known;
  const Json& shape = json["shape"];
  if (!shape.is_array() || shape.size() > kMaxDimensions) {
    Refuse("tensor '" + name + "' has a shape that is not an array of at most " +
           std::to_string(kMaxDimensions));
  }
  for (const Json& extent : shape) {
    entry.shape.push_back(static_cast<std::int64_t>(Unsigned(name, "an extent of", extent)));
  }
  const Json& offsets = json["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2)
    Refuse("tensor '" + name + "' has data_offsets that are not a pair");
  entry.begin = Unsigned(name, "an offset of", offsets[0]);
  entry.end = Unsigned(name, "an offset of", offsets[1]);
  if (entry.begin > entry.end || entry.end > data_size) {
    Refuse("tensor '" + name + "' lies at " + std::to_string(entry.begin) + " to " +
           std::to_string(entry.end) + " of " + std::to_string(data_size) + " data bytes");
  }
  const std::uint64_t bytes = BytesOf(name, entry.shape, entry.dtype.size);
  if (bytes != entry.end - entry.begin) {
    Refuse("tensor '" + name + "' has " + std::to_string(entry.end - entry.begin) +
           " bytes, its shape and dtype need " + std::to_string(bytes));
  }
  return entry;
}

/// Every byte of the data belongs to exactly one tensor.
void CheckLayout(const std::map<std::string, Entry>& entries, std::uint64_t data_size) {
  std::vector<std::pair<std::uint64_t, const std::string*>> order;
  for (const auto& [name, entry] : entries) {
    if (entry.begin != entry.end)
      order.emplace_back(entry.begin, &name);
  }
  // By name where ranges are the same, so that the message is, too.
  std::stable_sort(
      order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::uint64_t position = 0;
  for (const auto& [begin, name] : order) {
    if (begin < position)
      Refuse("tensor '" + *name + "' overlaps the one before it");
    if (begin > position)
      Refuse("a gap of " + std::to_string(begin - position) + " bytes before tensor '" + *name +
             "'");
    position = entries.at(*name).end;
  }
  if (position != data_size) {
    Refuse(std::to_string(data_size - position) + " bytes behind the last tensor");
  }
}

}  // namespace

struct SafetensorsFile::State {
  explicit State(const std::filesystem::path& path) : mapping(path) {
    try {
      Parse();
    } catch (const Error& e) {
      throw Error(e.code(), path.string() + ": " + e.what());
    }
  }

  void Parse() {
    if (mapping.size() < kLengthBytes)
      Refuse("only " + std::to_string(mapping.size()) + " bytes");
    std::uint64_t length = 0;
    std::memcpy(&length, mapping.data(), kLengthBytes);
    const std::uint64_t rest = mapping.size() - kLengthBytes;
    if (length > kMaxHeader) {
      Refuse("header of " + std::to_string(length) + " bytes, limit " + std::to_string(kMaxHeader));
    }
    if (length > rest) {
      Refuse("header of " + std::to_string(length) + " bytes in a file of " +
             std::to_string(mapping.size()));
    }
    const std::string_view text(mapping.data() + kLengthBytes, static_cast<std::size_t>(length));
    if (text.empty() || text.front() != '{')
      Refuse("header does not begin with {");
    const std::uint64_t data_size = rest - length;
    data = mapping.data() + kLengthBytes + length;
    const Json header = ParseStrictJson(std::string(text), "header");
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__") {
        ParseMetadata(value);
      } else {
        entries.emplace(name, ParseEntry(name, value, data_size));
      }
    }
    CheckLayout(entries, data_size);
  }

  void ParseMetadata(const Json& value) {
    if (!value.is_object())
      Refuse("__metadata__ is not an object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string())
        Refuse("__metadata__ '" + key + "' is not a string");
      metadata.emplace(key, text.get<std::string>());
    }
  }

  Mapping mapping;
  const char* data = nullptr;
  std::map<std::string, Entry> entries;
  std::map<std::string, std::string> metadata;
};

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : state_(std::make_unique<State>(path)) {}
SafetensorsFile::~SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;

std::vector<std::string> SafetensorsFile::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : state_->entries)
    names.push_back(name);
  return names;
}

bool SafetensorsFile::Has(const std::string& name) const { return state_->entries.contains(name); }

torch::Tensor SafetensorsFile::Tensor(const std::string& name) const {
  const auto found = state_->entries.find(name);
  if (found == state_->entries.end())
    Refuse("no tensor '" + name + "'");
  const Entry& entry = found->second;
  torch::Tensor tensor = torch::empty(entry.shape, entry.dtype.type);
  // The file's tensors need not be aligned: copied, never viewed.
  if (entry.end > entry.begin) {
    std::memcpy(tensor.data_ptr(),
                state_->data + entry.begin,
                static_cast<std::size_t>(entry.end - entry.begin));
  }
  return tensor;
}

const std::map<std::string, std::string>& SafetensorsFile::metadata() const {
  return state_->metadata;
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
  char length_bytes[kLengthBytes];
  std::memcpy(length_bytes, &length, kLengthBytes);
  ReplacedFile file(path);
  file.Write(length_bytes, kLengthBytes);
  file.Write(text.data(), text.size());
  for (const torch::Tensor& tensor : stored) {
    file.Write(tensor.data_ptr(), static_cast<std::size_t>(tensor.nbytes()));
  }
  file.Commit();
}

}  // namespace necknode::models
