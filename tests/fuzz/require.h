#pragma once

#include <cstdio>
#include <cstdlib>

namespace necknode::fuzz {

/// Ends the fuzzer, which then keeps the input, where something does not hold.
inline void Require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
  }
}

}  // namespace necknode::fuzz
