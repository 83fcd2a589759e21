#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace necknode::app {

/// The bytes of a file that is to be a report or a picture of one. Throws Error(kNotFound) where it
/// cannot be read, Error(kUnsupported) above 256 MiB: such a file is neither and not worth the
/// memory. The messages do not name the file.
[[nodiscard]] std::vector<std::byte> ReadDocument(const std::filesystem::path& path);

}  // namespace necknode::app
