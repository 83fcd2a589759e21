#include "training/epoch_draws.h"

#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "core/error.h"

namespace necknode::training {
namespace {

/// `count` items in each of `studies`.
std::vector<DrawnItem> Items(std::size_t studies, int count, int first = 0) {
  std::vector<DrawnItem> items;
  for (std::size_t s = 0; s < studies; ++s) {
    for (int i = 0; i < count; ++i) {
      items.push_back({s, first + i});
    }
  }
  return items;
}

TEST(EpochDraws, DrawsEachItemEvenlyInEveryEpoch) {
  EpochDraws draws({Items(3, 4), 240}, {Items(3, 5, 100), 40}, 10, 1);
  ASSERT_EQ(draws.Length(), 280);
  for (const std::int64_t epoch : {0, 1, 5}) {
    std::map<std::pair<std::size_t, int>, int> drawn;
    for (std::int64_t i = 0; i < 280; ++i) {
      const auto draw = draws.At(epoch * 280 + i);
      ++drawn[{draw.study, draw.item}];
    }
    EXPECT_EQ(drawn.size(), 27U);
    for (const auto& [item, times] : drawn) {
      if (item.second < 100) {
        EXPECT_EQ(times, 20);
      } else {
        EXPECT_GE(times, 2) << "40 draws of 15";
        EXPECT_LE(times, 3);
      }
    }
  }
}

TEST(EpochDraws, EpochsDifferAndRepeatWhateverTheOrderOfAsking) {
  EpochDraws draws({Items(2, 5), 50}, {}, 10, 1);
  EpochDraws again({Items(2, 5), 50}, {}, 10, 1);
  EpochDraws other({Items(2, 5), 50}, {}, 10, 2);
  const DrawnItem late = again.At(180);
  int same_as_next_epoch = 0, same_as_other = 0;
  for (std::int64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(draws.At(i), again.At(i));
    same_as_next_epoch += draws.At(i) == draws.At(i + 50) ? 1 : 0;
    same_as_other += draws.At(i) == other.At(i) ? 1 : 0;
  }
  EXPECT_LT(same_as_next_epoch, 25);
  EXPECT_LT(same_as_other, 25);
  EXPECT_EQ(draws.At(180), late);
}

TEST(EpochDraws, NeedsFewStudiesAtATime) {
  EpochDraws draws({Items(9, 2), 180}, {}, 3, 1);
  std::set<std::size_t> all;
  for (std::int64_t group = 0; group < 3; ++group) {
    std::set<std::size_t> studies;
    for (std::int64_t i = 0; i < 60; ++i) {
      studies.insert(draws.At(60 * group + i).study);
    }
    EXPECT_EQ(studies.size(), 3U);
    all.merge(studies);
  }
  EXPECT_EQ(all.size(), 9U) << "each volume is read once";
}

TEST(EpochDraws, ThreadsMayAskForAnyEpoch) {
  EpochDraws draws({Items(4, 4), 64}, {}, 2, 1);
  const DrawnItem first = draws.At(0);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&draws, t] {
      for (std::int64_t i = 0; i < 500; ++i) {
        (void)draws.At((i * 37 + t * 101) % 640);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(draws.At(0), first);
}

TEST(EpochDraws, RefusesAnEmptyEpoch) {
  EXPECT_THROW(EpochDraws({}, {}, 1, 1), Error);
  EXPECT_THROW(EpochDraws({{}, 20}, {Items(1, 1), 0}, 1, 1), Error);
}

}  // namespace
}  // namespace necknode::training
