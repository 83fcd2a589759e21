#pragma once

#include <cstdint>
#include <memory>

#include "phantom/phantom.h"
#include "training/shared_pool.h"

namespace necknode::training {

/// Phantoms by their seed, about 42 MB each at 80 slices.
class PhantomPool : public SharedPool<std::uint64_t, phantom::Phantom> {
 public:
  /// `base` is what all have in common but the seed.
  PhantomPool(const phantom::PhantomOptions& base, std::size_t capacity)
      : SharedPool(capacity, [base](std::uint64_t seed) {
          phantom::PhantomOptions options = base;
          options.seed = seed;
          return std::make_shared<const phantom::Phantom>(phantom::MakePhantom(options));
        }) {}
};

}  // namespace necknode::training
