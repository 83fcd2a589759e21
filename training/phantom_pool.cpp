#include "training/phantom_pool.h"

#include <utility>

namespace necknode::training {

PhantomPool::PhantomPool(const phantom::PhantomOptions& base, std::size_t capacity)
    : base_(base), capacity_(capacity > 0 ? capacity : 1) {}

PhantomPool::Pointer PhantomPool::Get(std::uint64_t seed) {
  std::promise<Pointer> promise;
  std::unique_lock lock(mutex_);
  if (const auto found = entries_.find(seed); found != entries_.end()) {
    by_age_.splice(by_age_.end(), by_age_, found->second.age);
    const auto phantom = found->second.phantom;
    lock.unlock();
    return phantom.get();
  }
  by_age_.push_back(seed);
  entries_.emplace(seed, Entry{promise.get_future().share(), std::prev(by_age_.end())});
  if (entries_.size() > capacity_) {
    entries_.erase(by_age_.front());
    by_age_.pop_front();
  }
  lock.unlock();
  phantom::PhantomOptions options = base_;
  options.seed = seed;
  try {
    auto made = std::make_shared<const phantom::Phantom>(phantom::MakePhantom(options));
    promise.set_value(made);
    return made;
  } catch (...) {
    promise.set_exception(std::current_exception());
    throw;
  }
}

}  // namespace necknode::training
