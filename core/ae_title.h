#pragma once

#include <string_view>

namespace necknode {

/// Compares two AE titles that were trimmed before: exactly, or without regard to the case of ASCII
/// letters for a peer that is configured so.
[[nodiscard]] bool SameAeTitle(std::string_view a, std::string_view b, bool case_insensitive);

}  // namespace necknode
