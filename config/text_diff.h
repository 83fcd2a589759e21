#pragma once

#include <string>

namespace necknode::config {

/// What turns one text into the other, line by line, in unified format with three lines of context
/// and the given names; empty where they are the same.
[[nodiscard]] std::string UnifiedDiff(const std::string& before,
                                      const std::string& after,
                                      const std::string& before_name,
                                      const std::string& after_name);

}  // namespace necknode::config
