#pragma once

#include <string>

namespace necknode::app {

/// A new password: the first line of `file`, of standard input where that is "-", and where it is
/// empty typed twice at the terminal, which shows nothing of it. Throws Error(kInvalidArgument)
/// where there is no terminal or the two differ, Error(kNotFound) where the file cannot be read.
[[nodiscard]] std::string ReadNewPassword(const std::string& file);

}  // namespace necknode::app
