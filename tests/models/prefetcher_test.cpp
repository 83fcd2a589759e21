#include "models/prefetcher.h"

#include <atomic>
#include <string>

#include <gtest/gtest.h>

#include "core/error.h"

namespace necknode::models {
namespace {

class Numbers : public ClassifierDataset {
 public:
  ClassifierSample At(std::int64_t index) override {
    ++asked;
    if (index == bad) {
      throw Error(ErrorCode::kNotFound, "sample " + std::to_string(index));
    }
    return {
        torch::full({1, 2, 2}, static_cast<double>(index)), index % 2 == 0, std::to_string(index)};
  }
  std::int64_t bad = -1;
  std::atomic<int> asked = 0;
};

TEST(Prefetcher, HandsOutInOrderWhateverTheThreads) {
  for (const int threads : {0, 1, 3}) {
    Numbers numbers;
    Prefetcher<ClassifierSample> prefetcher(numbers, 5, threads, 4);
    for (std::int64_t index = 5; index < 40; ++index) {
      const auto sample = prefetcher.Next();
      ASSERT_EQ(sample.patient, std::to_string(index)) << threads << " threads";
      ASSERT_EQ(sample.roi[0][0][0].item<double>(), static_cast<double>(index));
    }
  }
}

TEST(Prefetcher, StaysNoFurtherAheadThanAllowed) {
  Numbers numbers;
  {
    Prefetcher<ClassifierSample> prefetcher(numbers, 0, 2, 3);
    (void)prefetcher.Next();
  }
  EXPECT_LE(numbers.asked, 4);
}

TEST(Prefetcher, PassesErrorsToTheirSample) {
  Numbers numbers;
  numbers.bad = 2;
  Prefetcher<ClassifierSample> prefetcher(numbers, 0, 2, 3);
  EXPECT_EQ(prefetcher.Next().patient, "0");
  EXPECT_EQ(prefetcher.Next().patient, "1");
  EXPECT_THROW(prefetcher.Next(), Error);
  EXPECT_EQ(prefetcher.Next().patient, "3");
}

}  // namespace
}  // namespace necknode::models
