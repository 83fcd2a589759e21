#include "models/autocast.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "models/detector_trainer.h"
#include "models/faster_rcnn.h"

namespace necknode::models {
namespace {

TEST(Autocast, HoldsForItsScopeOnly) {
  const auto a = torch::ones({4, 4});
  {
    const Autocast autocast(torch::kCPU, true);
    EXPECT_EQ(torch::mm(a, a).scalar_type(), torch::kBFloat16);
  }
  EXPECT_EQ(torch::mm(a, a).scalar_type(), torch::kFloat32);
  const Autocast off(torch::kCPU, false);
  EXPECT_EQ(torch::mm(a, a).scalar_type(), torch::kFloat32);
}

TEST(Autocast, TheDetectorsLossesStayFloat32AndHaveGradients) {
  DetectorConfig config;
  config.base_width = 8;
  config.fpn_channels = 16;
  config.head_channels = 32;
  config.norm = "frozen";  // LibTorch 1.13 has no group norm of bfloat16 on the CPU, unlike on CUDA
  torch::manual_seed(1);
  FasterRcnn network(config);
  const DetectorSample sample{
      torch::rand({1, 96, 96}), torch::tensor({{40.0F, 30.0F, 62.0F, 50.0F}}), {}, ""};
  const auto exact = DetectorLosses(*network, {sample}, 1);
  NamedLosses losses;
  {
    const Autocast autocast(torch::kCPU, true);
    losses = DetectorLosses(*network, {sample}, 1);
  }
  torch::Tensor sum = torch::zeros({});
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const auto& [name, loss] = losses[i];
    EXPECT_EQ(loss.scalar_type(), torch::kFloat32) << name;
    const auto wanted = exact[i].second.item<double>();
    EXPECT_NEAR(loss.item<double>(), wanted, 0.05 + 0.2 * wanted) << name;
    sum = sum + loss;
  }
  sum.backward();
  for (const auto& parameter : network->named_parameters()) {
    ASSERT_TRUE(parameter.value().grad().defined()) << parameter.key();
    EXPECT_TRUE(torch::isfinite(parameter.value().grad()).all().item<bool>()) << parameter.key();
  }
}

}  // namespace
}  // namespace necknode::models
