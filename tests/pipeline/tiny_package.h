#pragma once

#include <filesystem>

#include "models/package.h"

namespace necknode::tests {

/// A package of the smallest networks that still have every part, with seeded random weights: its
/// boxes mean nothing, but they are always the same.
models::Package WriteTinyPackage(const std::filesystem::path& folder);

}  // namespace necknode::tests
