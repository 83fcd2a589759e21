#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace necknode::training {

/// Keeps the values last used; makes others when asked for. Thread safe: two threads that ask for
/// the same key make its value once. A value lives on where it is still held.
template <typename Key, typename Value>
class SharedPool {
 public:
  using Pointer = std::shared_ptr<const Value>;
  using Maker = std::function<Pointer(const Key&)>;
  /// Holds at most `capacity` (>= 1) values. `make` is called by several threads at once.
  SharedPool(std::size_t capacity, Maker make)
      : make_(std::move(make)), capacity_(capacity > 0 ? capacity : 1) {}

  /// Throws what the maker threw, again for as long as the key is kept.
  [[nodiscard]] Pointer Get(const Key& key) {
    std::promise<Pointer> promise;
    std::unique_lock lock(mutex_);
    if (const auto found = entries_.find(key); found != entries_.end()) {
      by_age_.splice(by_age_.end(), by_age_, found->second.age);
      const auto value = found->second.value;
      lock.unlock();
      return value.get();
    }
    by_age_.push_back(key);
    entries_.emplace(key, Entry{promise.get_future().share(), std::prev(by_age_.end())});
    if (entries_.size() > capacity_) {
      entries_.erase(by_age_.front());
      by_age_.pop_front();
    }
    lock.unlock();
    try {
      Pointer made = make_(key);
      promise.set_value(made);
      return made;
    } catch (...) {
      promise.set_exception(std::current_exception());
      throw;
    }
  }

 private:
  struct Entry {
    std::shared_future<Pointer> value;
    typename std::list<Key>::iterator age;
  };
  // Constant after construction.
  Maker make_;
  std::size_t capacity_;
  // Guarded by mutex_.
  std::mutex mutex_;
  std::map<Key, Entry> entries_;
  std::list<Key> by_age_;  // oldest first
};

}  // namespace necknode::training
