#pragma once

#include <cstddef>
#include <span>

namespace necknode::phantom {

/// The bytes of atlas/HN-Atlas-labels.nrrd, which lie in the program itself.
[[nodiscard]] std::span<const std::byte> EmbeddedAtlas();

}  // namespace necknode::phantom
