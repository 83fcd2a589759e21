#include "training/phantom_pool.h"

#include <charconv>
#include <utility>

#include "core/error.h"

namespace necknode::training {

std::string SeedRange::ToString() const {
  return std::to_string(first) + "-" + std::to_string(last);
}

SeedRange ParsePhantomData(const std::string& text, const SeedRange& fallback) {
  constexpr const char* kForm = "is not 'phantom' or 'phantom:seeds A-B' with 0 < A <= B";
  if (text == "phantom") {
    return fallback;
  }
  std::string rest = text.starts_with("phantom:") ? text.substr(8) : "";
  if (rest.starts_with("seeds")) {
    rest.erase(0, rest.find_first_not_of(" =", 5));
  }
  SeedRange range{0, 0};
  const char* end = rest.data() + rest.size();
  const auto first = std::from_chars(rest.data(), end, range.first);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '-') {
    const auto last = std::from_chars(first.ptr + 1, end, range.last);
    if (last.ec == std::errc() && last.ptr == end && range.first > 0 && range.first <= range.last) {
      return range;
    }
  }
  throw Error(ErrorCode::kInvalidArgument, "data '" + text + "' " + kForm);
}

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
