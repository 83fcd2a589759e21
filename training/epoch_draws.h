#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace necknode::training {

/// One slice or box of a study.
struct DrawnItem {
  std::size_t study = 0;
  int item = 0;
  bool operator==(const DrawnItem&) const = default;
};

/// An endless sequence of draws from two kinds of items, epoch by epoch. In an epoch each kind is
/// drawn a fixed number of times, spread over its items as evenly as it goes, in an order that
/// touches only `studies_at_once` studies at a time, so that each volume need be read once an
/// epoch. The same at each index whoever asks. Thread safe.
class EpochDraws {
 public:
  struct Kind {
    std::vector<DrawnItem> items;
    std::int64_t draws = 0;  ///< in an epoch; 0 where there are no items
  };
  /// Throws Error(kInvalidArgument) where an epoch would be empty.
  EpochDraws(Kind first, Kind second, int studies_at_once, std::uint64_t seed);
  /// Draws of an epoch.
  [[nodiscard]] std::int64_t Length() const { return first_.draws + second_.draws; }
  [[nodiscard]] DrawnItem At(std::int64_t index);

 private:
  using Order = std::shared_ptr<const std::vector<DrawnItem>>;
  [[nodiscard]] Order MakeOrder(std::int64_t epoch) const;
  // Constant after construction.
  Kind first_, second_;
  int studies_at_once_;
  std::uint64_t seed_;
  // Guarded by mutex_.
  std::mutex mutex_;
  std::map<std::int64_t, Order> orders_;  // of the last two epochs asked for
};

}  // namespace necknode::training
