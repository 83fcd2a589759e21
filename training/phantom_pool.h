#pragma once

#include <cstdint>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "phantom/phantom.h"

namespace necknode::training {

/// Keeps the phantoms last used; makes others when asked for. Thread safe: two threads that ask for
/// the same seed make it once.
class PhantomPool {
 public:
  using Pointer = std::shared_ptr<const phantom::Phantom>;
  /// `base` is what all have in common but the seed. Holds at most `capacity` (>= 1) phantoms,
  /// about 42 MB each at 80 slices.
  PhantomPool(const phantom::PhantomOptions& base, std::size_t capacity);
  [[nodiscard]] Pointer Get(std::uint64_t seed);

 private:
  struct Entry {
    std::shared_future<Pointer> phantom;
    std::list<std::uint64_t>::iterator age;
  };
  // Constant after construction.
  phantom::PhantomOptions base_;
  std::size_t capacity_;
  // Guarded by mutex_.
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::list<std::uint64_t> by_age_;  // oldest first
};

}  // namespace necknode::training
