#include "app/read_file.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <system_error>

#include "core/error.h"

namespace necknode::app {

std::vector<std::byte> ReadDocument(const std::filesystem::path& path) {
  constexpr std::uintmax_t kMaxBytes = std::uintmax_t{256} << 20U;
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  if (failure)
    throw Error(ErrorCode::kNotFound, failure.message());
  if (size > kMaxBytes)
    throw Error(ErrorCode::kUnsupported,
                std::to_string(size) + " bytes, more than " + std::to_string(kMaxBytes));
  std::vector<std::byte> bytes(size);
  std::ifstream file(path, std::ios::binary);
  // The stream's own type is char; the bytes are only passed on.
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
    throw Error(ErrorCode::kNotFound, "cannot be read");
  return bytes;
}

}  // namespace necknode::app
