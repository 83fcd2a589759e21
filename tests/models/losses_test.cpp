#include "models/losses.h"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "core/error.h"

namespace necknode::models {
namespace {

double Value(const torch::Tensor& tensor) { return tensor.item<double>(); }

/// Compares autograd's gradient of `loss` at `at` with central differences.
void ExpectGradient(const std::function<torch::Tensor(const torch::Tensor&)>& loss,
                    const torch::Tensor& at) {
  auto x = at.clone().requires_grad_(true);
  loss(x).backward();
  constexpr double kStep = 1e-6;
  for (std::int64_t i = 0; i < at.numel(); ++i) {
    auto up = at.clone();
    auto down = at.clone();
    up.view(-1)[i] += kStep;
    down.view(-1)[i] -= kStep;
    const double slope = (Value(loss(up)) - Value(loss(down))) / (2 * kStep);
    EXPECT_NEAR(Value(x.grad().view(-1)[i]), slope, 1e-6) << "element " << i;
  }
}

TEST(SmoothL1Sum, IsQuadraticThenLinear) {
  const auto found = torch::tensor({0.05, 2.0, -1.0}, torch::kFloat64);
  const auto wanted = torch::zeros({3}, torch::kFloat64);
  // beta 1: 0.5 * 0.0025, 2 - 0.5, 1 - 0.5.
  EXPECT_NEAR(Value(SmoothL1Sum(found, wanted, 1)), 0.00125 + 1.5 + 0.5, 1e-12);
  EXPECT_NEAR(Value(SmoothL1Sum(found, wanted, 0.1)), 0.0125 + 1.95 + 0.95, 1e-12);
}

TEST(RpnLoss, IsWhatTheHandComputes) {
  const auto objectness = torch::tensor({2.0, -1.0, 0.5}, torch::kFloat64);
  const auto deltas = torch::tensor({{0.0, 1.0, 0.0, 0.0}}, torch::kFloat64);
  const auto wanted = torch::zeros({1, 4}, torch::kFloat64);
  const auto loss = RpnLoss(objectness, deltas, wanted, 10);
  const double classes =
      (std::log1p(std::exp(-2.0)) + std::log1p(std::exp(-1.0)) + std::log1p(std::exp(0.5))) / 3;
  EXPECT_NEAR(Value(loss.classification), classes, 1e-12);
  EXPECT_NEAR(Value(loss.box), 10 * (1 - 1.0 / 18) / 3, 1e-12);
}

TEST(RpnLoss, WithoutPositivesHasNoBoxPart) {
  const auto empty = torch::zeros({0, 4});
  EXPECT_EQ(Value(RpnLoss(torch::zeros({8}), empty, empty).box), 0);
  EXPECT_EQ(Value(RpnLoss(torch::zeros({0}), empty, empty).classification), 0);
  EXPECT_THROW((void)RpnLoss(torch::zeros({1}), torch::zeros({2, 4}), torch::zeros({2, 4})), Error);
}

TEST(RpnLoss, HasTheGradientOfItsDifferences) {
  torch::manual_seed(1);
  const auto deltas = torch::randn({2, 4}, torch::kFloat64);
  const auto wanted = torch::randn({2, 4}, torch::kFloat64);
  const auto objectness = torch::randn({5}, torch::kFloat64);
  ExpectGradient([&](const torch::Tensor& x) { return RpnLoss(x, deltas, wanted).classification; },
                 objectness);
  ExpectGradient([&](const torch::Tensor& x) { return RpnLoss(objectness, x, wanted, 3).box; },
                 deltas);
}

TEST(HeadLoss, TakesTheDeltasOfTheTrueClassOfForegroundOnly) {
  const auto logits = torch::tensor({{0.0, 1.0}, {2.0, 0.0}}, torch::kFloat64);
  const auto deltas = torch::tensor(
      {{9.0, 9.0, 9.0, 9.0, 0.5, 0.0, 0.0, 3.0}, {7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0}},
      torch::kFloat64);
  const auto labels = torch::tensor({1, 0}, torch::kInt64);
  const auto loss = HeadLoss(logits, deltas, labels, torch::zeros({2, 4}, torch::kFloat64), 2);
  EXPECT_NEAR(Value(loss.classification),
              (std::log1p(std::exp(-1.0)) + std::log1p(std::exp(-2.0))) / 2,
              1e-12);
  EXPECT_NEAR(Value(loss.box), 2 * (0.125 + 2.5) / 2, 1e-12);
}

TEST(HeadLoss, HasTheGradientOfItsDifferences) {
  torch::manual_seed(2);
  const auto logits = torch::randn({3, 2}, torch::kFloat64);
  const auto deltas = torch::randn({3, 8}, torch::kFloat64);
  const auto wanted = torch::randn({3, 4}, torch::kFloat64);
  const auto labels = torch::tensor({1, 0, 1}, torch::kInt64);
  ExpectGradient(
      [&](const torch::Tensor& x) { return HeadLoss(x, deltas, labels, wanted).classification; },
      logits);
  ExpectGradient([&](const torch::Tensor& x) { return HeadLoss(logits, x, labels, wanted).box; },
                 deltas);
}

TEST(MalignancyLoss, IsCrossEntropyWithSmoothedTargets) {
  const auto logits = torch::tensor({3.0, -2.0}, torch::kFloat64);
  const auto malignant = torch::tensor({1, 0}, torch::kInt64);
  const double a = std::log1p(std::exp(-3.0));
  const double b = std::log1p(std::exp(-2.0));
  EXPECT_NEAR(Value(MalignancyLoss(logits, malignant)), (a + b) / 2, 1e-12);
  // A target of 0.95 adds 0.05 times the logit.
  EXPECT_NEAR(Value(MalignancyLoss(logits, malignant, 0.1)), (a + b + 0.05 * 5) / 2, 1e-12);
  ExpectGradient([&](const torch::Tensor& x) { return MalignancyLoss(x, malignant, 0.1); }, logits);
  EXPECT_THROW((void)MalignancyLoss(logits, torch::zeros({3})), Error);
}

}  // namespace
}  // namespace necknode::models
