#pragma once

#include <filesystem>

#include "models/package.h"

namespace necknode::models {

/// Writes a package of two small networks with random weights of `seed` to `folder`/tiny/1 and
/// gives it as loaded.
Package WriteTinyPackage(const std::filesystem::path& folder, std::uint64_t seed = 1);

}  // namespace necknode::models
