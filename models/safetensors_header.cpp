#include "models/safetensors_header.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "models/strict_json.h"

namespace necknode::models {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little endian");

using Json = nlohmann::json;

constexpr std::uint64_t kMaxHeader = 16U << 20U;
constexpr std::size_t kMaxDimensions = 8;

struct KnownDtype {
  const char* name;
  SafetensorsDtype dtype;
  std::uint64_t size;
};
constexpr KnownDtype kDtypes[] = {{"F32", SafetensorsDtype::kF32, 4},
                                  {"F16", SafetensorsDtype::kF16, 2},
                                  {"BF16", SafetensorsDtype::kBF16, 2},
                                  {"I64", SafetensorsDtype::kI64, 8}};

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

SafetensorsEntry ParseEntry(const std::string& name, const Json& json, std::uint64_t data_size) {
  if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json.contains("shape") ||
      !json.contains("data_offsets")) {
    Refuse("tensor '" + name + "' does not have exactly dtype, shape and data_offsets");
  }
  SafetensorsEntry entry;
  const Json& dtype = json["dtype"];
  const auto* known = std::find_if(
      std::begin(kDtypes), std::end(kDtypes), [&](const KnownDtype& d) { return dtype == d.name; });
  if (known == std::end(kDtypes)) {
    Refuse("tensor '" + name + "' has dtype " + dtype.dump() + ", expected F32, F16, BF16 or I64");
  }
  entry.dtype = known->dtype;
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
  const std::uint64_t bytes = BytesOf(name, entry.shape, known->size);
  if (bytes != entry.end - entry.begin) {
    Refuse("tensor '" + name + "' has " + std::to_string(entry.end - entry.begin) +
           " bytes, its shape and dtype need " + std::to_string(bytes));
  }
  return entry;
}

/// Every byte of the data belongs to exactly one tensor.
void CheckLayout(const std::map<std::string, SafetensorsEntry>& entries, std::uint64_t data_size) {
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

std::map<std::string, std::string> ParseMetadata(const Json& value) {
  std::map<std::string, std::string> metadata;
  if (!value.is_object())
    Refuse("__metadata__ is not an object");
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string())
      Refuse("__metadata__ '" + key + "' is not a string");
    metadata.emplace(key, text.get<std::string>());
  }
  return metadata;
}

}  // namespace

SafetensorsHeader ParseSafetensorsHeader(std::string_view file) {
  if (file.size() < kSafetensorsLengthBytes)
    Refuse("only " + std::to_string(file.size()) + " bytes");
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), kSafetensorsLengthBytes);
  const std::uint64_t rest = file.size() - kSafetensorsLengthBytes;
  if (length > kMaxHeader)
    Refuse("header of " + std::to_string(length) + " bytes, limit " + std::to_string(kMaxHeader));
  if (length > rest) {
    Refuse("header of " + std::to_string(length) + " bytes in a file of " +
           std::to_string(file.size()));
  }
  const std::string_view text =
      file.substr(kSafetensorsLengthBytes, static_cast<std::size_t>(length));
  if (text.empty() || text.front() != '{')
    Refuse("header does not begin with {");
  SafetensorsHeader header;
  header.data_begin = kSafetensorsLengthBytes + length;
  const Json json = ParseStrictJson(std::string(text), "header");
  for (const auto& [name, value] : json.items()) {
    if (name == "__metadata__") {
      header.metadata = ParseMetadata(value);
    } else {
      header.entries.emplace(name, ParseEntry(name, value, rest - length));
    }
  }
  CheckLayout(header.entries, rest - length);
  return header;
}

}  // namespace necknode::models
