#include "training/epoch_draws.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "phantom/random.h"

namespace necknode::training {
namespace {

constexpr std::uint64_t kOrderStream = 0xe90c;

template <typename Value>
void Shuffle(std::vector<Value>& values, phantom::Random& random) {
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[random.Bits() % i]);
  }
}

/// Adds `kind.draws` draws; which items get one more than others is drawn.
void AddEvenly(EpochDraws::Kind kind, phantom::Random& random, std::vector<DrawnItem>& draws) {
  Shuffle(kind.items, random);
  for (std::int64_t i = 0; i < kind.draws; ++i) {
    draws.push_back(kind.items[static_cast<std::size_t>(i) % kind.items.size()]);
  }
}

}  // namespace

EpochDraws::EpochDraws(Kind first, Kind second, int studies_at_once, std::uint64_t seed)
    : first_(std::move(first)),
      second_(std::move(second)),
      studies_at_once_(std::max(1, studies_at_once)),
      seed_(seed) {
  for (Kind* kind : {&first_, &second_}) {
    if (kind->items.empty()) {
      kind->draws = 0;
    }
  }
  if (Length() == 0) {
    throw Error(ErrorCode::kInvalidArgument, "there is nothing to draw samples from");
  }
}

EpochDraws::Order EpochDraws::MakeOrder(std::int64_t epoch) const {
  phantom::Random random(phantom::Scramble(seed_ ^ kOrderStream),
                         static_cast<std::uint64_t>(epoch));
  std::vector<DrawnItem> draws;
  AddEvenly(first_, random, draws);
  AddEvenly(second_, random, draws);
  std::vector<std::size_t> studies;
  for (const DrawnItem& draw : draws) {
    studies.push_back(draw.study);
  }
  std::sort(studies.begin(), studies.end());
  studies.erase(std::unique(studies.begin(), studies.end()), studies.end());
  Shuffle(studies, random);
  std::map<std::size_t, std::size_t> group_of;
  for (std::size_t i = 0; i < studies.size(); ++i) {
    group_of[studies[i]] = i / static_cast<std::size_t>(studies_at_once_);
  }
  Shuffle(draws, random);
  std::stable_sort(draws.begin(), draws.end(), [&](const DrawnItem& a, const DrawnItem& b) {
    return group_of.at(a.study) < group_of.at(b.study);
  });
  return std::make_shared<const std::vector<DrawnItem>>(std::move(draws));
}

DrawnItem EpochDraws::At(std::int64_t index) {
  const std::int64_t epoch = index / Length();
  const auto place = static_cast<std::size_t>(index % Length());
  const std::lock_guard lock(mutex_);
  auto& order = orders_[epoch];
  if (!order) {
    order = MakeOrder(epoch);
    // Threads that work ahead are at most one epoch apart.
    while (orders_.size() > 2) {
      orders_.erase(orders_.begin()->first == epoch ? std::prev(orders_.end()) : orders_.begin());
    }
  }
  return orders_.at(epoch)->at(place);
}

}  // namespace necknode::training
