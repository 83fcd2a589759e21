#include "core/counters.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/digest.h"

namespace necknode {
namespace {

TEST(CounterSet, AddsUpByNameAndLabels) {
  CounterSet counted;
  counted.Add("b_total", {{"state", "done"}});
  counted.Add("b_total", {{"state", "done"}}, 2.5);
  counted.Add("b_total", {{"state", "failed"}});
  counted.Set("a", {}, 7);
  counted.Set("a", {}, 3);
  EXPECT_THAT(counted.Snapshot(),
              testing::ElementsAre(CounterSample{"a", {}, 3},
                                   CounterSample{"b_total", {{"state", "done"}}, 3.5},
                                   CounterSample{"b_total", {{"state", "failed"}}, 1}));
}

TEST(CounterSet, PutsADurationIntoTheBucketWhoseBoundItDoesNotPass) {
  CounterSet counted;
  counted.Observe("d_seconds", {}, kSecondsBounds[0]);
  counted.Observe("d_seconds", {}, kSecondsBounds[0] + 0.001);
  counted.Observe("d_seconds", {}, 1e9);
  counted.Observe("d_seconds", {}, -1);
  const auto samples = counted.Snapshot();
  ASSERT_EQ(samples.size(), 1U);
  ASSERT_EQ(samples[0].buckets.size(), kSecondsBounds.size() + 1);
  EXPECT_EQ(samples[0].buckets.front(), 2U) << "a clock that went back counts as no time";
  EXPECT_EQ(samples[0].buckets[1], 1U);
  EXPECT_EQ(samples[0].buckets.back(), 1U);
  EXPECT_NEAR(samples[0].value, 1e9 + 0.021, 1e-3);
}

TEST(CounterSet, ShowsAHistogramBeforeItsFirstDuration) {
  CounterSet counted;
  counted.BeginHistogram("d_seconds", {});
  ASSERT_EQ(counted.Snapshot().size(), 1U);
  EXPECT_EQ(counted.Snapshot()[0].buckets, std::vector<std::uint64_t>(kSecondsBounds.size() + 1));
  counted.Observe("d_seconds", {}, 1e9);
  counted.BeginHistogram("d_seconds", {});
  EXPECT_EQ(counted.Snapshot()[0].buckets.back(), 1U) << "and takes nothing away from a begun one";
}

TEST(CounterSet, LosesNothingOfThreadsThatCountAtOnce) {
  CounterSet counted;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 1000; ++k) {
          counted.Add("n_total", {});
          counted.Observe("d_seconds", {}, 1);
        }
      });
    }
  }
  const auto samples = counted.Snapshot();
  EXPECT_EQ(samples[0].value, 4000);
  EXPECT_EQ(samples[1].value, 4000);
}

TEST(HmacSha256Of, GivesTheAnswersOfRfc4231) {
  EXPECT_EQ(HmacSha256Of(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(HmacSha256Of("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HmacSha256Of(std::string(131, '\xaa'),
                         "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace necknode
