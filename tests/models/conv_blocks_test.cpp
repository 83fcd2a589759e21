#include "models/conv_blocks.h"

#include "tests/models/expect_tensor.h"

namespace necknode::models {
namespace {

using testing::ElementsAre;

TEST(ScaleChannels, RoundsToMultiplesAndNeverFarBelow) {
  EXPECT_EQ(ScaleChannels(116, 64, 4), 116);
  EXPECT_EQ(ScaleChannels(440, 64, 8), 440);
  EXPECT_EQ(ScaleChannels(32, 16, 8), 8);
  EXPECT_EQ(ScaleChannels(24, 8, 8), 8) << "at least one multiple";
  EXPECT_EQ(ScaleChannels(24, 48, 8), 24) << "18 lies nearer to 16, which is below 90% of it";
  EXPECT_EQ(ScaleChannels(96, 128, 8), 192);
}

TEST(Activate, IsThePublishedFunction) {
  const auto x = torch::tensor({-1.0F, 0.0F, 3.0F, 7.0F});
  EXPECT_THAT(ValuesOf(Activate(x, Activation::kNone)), ElementsAre(-1, 0, 3, 7));
  EXPECT_THAT(ValuesOf(Activate(x, Activation::kRelu)), ElementsAre(0, 0, 3, 7));
  EXPECT_THAT(ValuesOf(Activate(x, Activation::kRelu6)), ElementsAre(0, 0, 3, 6));
  EXPECT_NEAR(Activate(x, Activation::kSilu)[0].item<double>(), -1 / (1 + std::exp(1.0)), 1e-6);
}

TEST(DropBranch, DropsWholeRowsAndKeepsTheMean) {
  torch::manual_seed(1);
  const auto branch = torch::ones({2000, 2, 3, 3});
  const auto dropped = DropBranch(branch, 0.25, /*training=*/true);
  const auto rows = dropped.view({2000, -1});
  EXPECT_TRUE(torch::equal(std::get<0>(rows.min(1)), std::get<0>(rows.max(1))))
      << "a row is dropped or kept as a whole";
  const double kept = (rows.select(1, 0) > 0).to(torch::kFloat).mean().item<double>();
  EXPECT_NEAR(kept, 0.75, 0.03);
  EXPECT_NEAR(dropped.max().item<double>(), 1 / 0.75, 1e-6);
  EXPECT_TRUE(torch::equal(DropBranch(branch, 0.25, false), branch));
  EXPECT_TRUE(torch::equal(DropBranch(branch, 0, true), branch));
}

TEST(Chain, RunsItsBlocksInOrderUnderTheirNames) {
  Chain chain;
  chain.Append(
      std::make_shared<ConvBlock>(ConvolutionShape{2, 4, 3, 2}, "batch", Activation::kRelu));
  chain.Append("se", std::make_shared<SqueezeExcitation>(4, 2, Activation::kSilu));
  EXPECT_EQ(chain.forward(torch::randn({1, 2, 9, 9})).sizes(), (torch::IntArrayRef{1, 4, 5, 5}));
  const auto names = chain.named_parameters().keys();
  EXPECT_THAT(names,
              ElementsAre("0.0.weight",
                          "0.1.weight",
                          "0.1.bias",
                          "se.fc1.weight",
                          "se.fc1.bias",
                          "se.fc2.weight",
                          "se.fc2.bias"));
}

}  // namespace
}  // namespace necknode::models
