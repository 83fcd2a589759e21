#include <string_view>

#include "core/error.h"
#include "models/safetensors_header.h"
#include "tests/fuzz/require.h"

// A whole file of weights: what its header says must lie within it.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using necknode::fuzz::Require;
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  try {
    const auto header = necknode::models::ParseSafetensorsHeader(file);
    std::uint64_t bytes = 0;
    for (const auto& [name, entry] : header.entries) {
      Require(entry.begin <= entry.end && header.data_begin + entry.end <= size,
              "tensors lie within the file");
      bytes += entry.end - entry.begin;
    }
    Require(header.data_begin + bytes == size, "every byte of the data is of one tensor");
  } catch (const necknode::Error& error) {
    Require(error.code() == necknode::ErrorCode::kModel, "refused as no file of weights");
  }
  return 0;
}
