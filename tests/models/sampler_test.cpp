#include "models/sampler.h"

#include <vector>

#include <gtest/gtest.h>

namespace necknode::models {
namespace {

const MatchThresholds kRpn{0.3, 0.7, true};

std::vector<std::int64_t> Values(const torch::Tensor& tensor) {
  const auto flat = tensor.contiguous();
  return {flat.data_ptr<std::int64_t>(), flat.data_ptr<std::int64_t>() + flat.numel()};
}

TEST(MatchCandidates, ToldApartByTheThresholds) {
  const auto truth = torch::tensor({{0.0, 0.0, 10.0, 10.0}});
  const auto candidates = torch::tensor({{0.0, 0.0, 10.0, 10.0},      // 1
                                         {0.0, 0.0, 10.0, 8.0},       // 0.8
                                         {0.0, 0.0, 10.0, 5.0},       // 0.5
                                         {0.0, 0.0, 10.0, 2.0},       // 0.2
                                         {50.0, 50.0, 60.0, 60.0}});  // 0
  EXPECT_EQ(
      Values(MatchCandidates(candidates, truth, kRpn)),
      (std::vector<std::int64_t>{0, 0, kMatchedNothing, kMatchedBackground, kMatchedBackground}));
}

TEST(MatchCandidates, GivesEveryTruthItsBestCandidate) {
  const auto truth = torch::tensor({{0.0, 0.0, 10.0, 10.0}, {100.0, 0.0, 104.0, 4.0}});
  const auto candidates = torch::tensor({{0.0, 0.0, 10.0, 9.0}, {96.0, 0.0, 112.0, 16.0}});
  EXPECT_EQ(Values(MatchCandidates(candidates, truth, kRpn)), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(Values(MatchCandidates(candidates, truth, {0.5, 0.5, false})),
            (std::vector<std::int64_t>{0, kMatchedBackground}));
}

TEST(MatchCandidates, WithoutTruthAllIsBackground) {
  const auto matches = MatchCandidates(torch::rand({5, 4}), torch::zeros({0, 4}), kRpn);
  EXPECT_EQ(Values(matches), std::vector<std::int64_t>(5, kMatchedBackground));
}

torch::Tensor Matches(std::int64_t positives, std::int64_t nothing, std::int64_t background) {
  return torch::cat({torch::zeros({positives}, torch::kInt64),
                     torch::full({nothing}, kMatchedNothing, torch::kInt64),
                     torch::full({background}, kMatchedBackground, torch::kInt64)});
}

TEST(SampleCandidates, KeepsCountAndShare) {
  const auto sampled = SampleCandidates(Matches(100, 50, 1000), 128, 0.5, 3);
  EXPECT_EQ(sampled.positives.numel(), 64);
  EXPECT_EQ(sampled.negatives.numel(), 64);
  EXPECT_LT(sampled.positives.max().item<std::int64_t>(), 100);
  EXPECT_GE(sampled.negatives.min().item<std::int64_t>(), 150);
}

TEST(SampleCandidates, MakesUpMissingPositivesByBackground) {
  const auto sampled = SampleCandidates(Matches(3, 50, 1000), 128, 0.5, 3);
  EXPECT_EQ(sampled.positives.numel(), 3);
  EXPECT_EQ(sampled.negatives.numel(), 125);
  const auto few = SampleCandidates(Matches(0, 0, 10), 128, 0.5, 3);
  EXPECT_EQ(few.positives.numel(), 0);
  EXPECT_EQ(Values(few.All()), (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(SampleCandidates, DependsOnTheSeedAlone) {
  const auto matches = Matches(100, 50, 1000);
  const auto a = SampleCandidates(matches, 32, 0.5, 3);
  const auto b = SampleCandidates(matches, 32, 0.5, 3);
  const auto c = SampleCandidates(matches, 32, 0.5, 4);
  EXPECT_TRUE(torch::equal(a.All(), b.All()));
  EXPECT_FALSE(torch::equal(a.All(), c.All()));
}

}  // namespace
}  // namespace necknode::models
