#include <cmath>

#include "models/classifier.h"
#include "models/classifier_registry.h"
#include "models/safetensors.h"
#include "tests/models/expect_tensor.h"
#include "tests/models/oracle.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

constexpr std::int64_t kOutputs = 10;

struct Case {
  const char* name;
  const char* architecture;
  int base_width;
  const char* torchvision;
  const char* options;
};

/// Every one of the eleven that torchvision has: all but the two with coordinate attention.
const std::vector<Case> kCases = {
    {"resnet50", "resnet50", 64, "resnet50", "{}"},
    {"resnet50_w", "resnet50_w", 64, "wide_resnet50_2", "{}"},
    {"resnet34", "resnet34", 64, "resnet34", "{}"},
    {"resnext50", "resnext50", 64, "resnext50_32x4d", "{}"},
    {"mobilenet_v2", "mobilenet_v2", 64, "mobilenet_v2", "{}"},
    {"mobilenet_v2_quarter", "mobilenet_v2", 16, "mobilenet_v2", R"({"width_mult": 0.25})"},
    {"shufflenet_v2", "shufflenet_v2", 64, "shufflenet_v2_x1_0", "{}"},
    {"densenet121", "densenet121", 64, "densenet121", "{}"},
    {"efficientnet_b0", "efficientnet_b0", 64, "efficientnet_b0", "{}"},
    {"regnet_y_400mf", "regnet_y_400mf", 64, "regnet_y_400mf", "{}"},
};

std::shared_ptr<Classifier> Network(const Case& c) {
  ClassifierConfig config;
  SetArchitecture(config, c.architecture);
  config.in_channels = 3;
  config.base_width = c.base_width;
  return MakeClassifier(config, kOutputs);
}

/// Random norms whose statistics are near those of `images`, so that no layer's output vanishes or
/// grows on the way: one run in training mode into zeroed statistics leaves a tenth of the batch's
/// own, by the momentum of 0.1.
void Disturb(Classifier& network, const torch::Tensor& images) {
  const torch::NoGradGuard no_grad;
  // One-dimensional parameters are the norms' and the biases. Weights large enough for ReLU6 to
  // clip; small biases, since a constant's edges would drown what depends on the image.
  for (const auto& parameter : network.named_parameters()) {
    torch::Tensor value = parameter.value();
    if (value.dim() == 1 && parameter.key().ends_with("weight"))
      value.copy_(torch::rand_like(value) * 2 + 0.5);
    if (value.dim() == 1 && parameter.key().ends_with("bias"))
      value.copy_(torch::randn_like(value) * 0.3);
  }
  for (const auto& buffer : network.named_buffers()) {
    if (buffer.value().is_floating_point())
      buffer.value().zero_();
  }
  network.train();
  (void)network.forward(images);
  network.eval();
  for (const auto& buffer : network.named_buffers()) {
    torch::Tensor value = buffer.value();
    if (buffer.key().ends_with("running_var"))
      value.mul_(10).clamp_min_(0.01).mul_(torch::rand_like(value) * 0.4 + 0.8);
    if (buffer.key().ends_with("running_mean"))
      value.mul_(10).add_(torch::randn_like(value), 0.1);
  }
}

TEST(Classifier, GivesTorchvisionsLogitsFromTorchvisionsWeights) {
  const tests::TempFolder folder;
  torch::manual_seed(1);
  // 75 pixels: the maps' sides become odd, so that each padding and stride counts. The two differ
  // in contrast, so that their logits do.
  const torch::Tensor images =
      torch::randn({2, 3, 75, 75}) * torch::tensor({0.3F, 1.5F}).view({2, 1, 1, 1});
  WriteSafetensors(folder.path() / "images", {{"images", images}});
  nlohmann::json request = {{"images", (folder.path() / "images").string()},
                            {"logits", (folder.path() / "logits").string()},
                            {"cases", nlohmann::json::array()}};
  std::map<std::string, torch::Tensor> found;
  for (const Case& c : kCases) {
    const auto weights = folder.path() / c.name;
    const auto network = Network(c);
    Disturb(*network, images);
    // As half precision, which both sides then read: half the bytes.
    SaveModule(*network, weights, torch::kFloat16);
    LoadModule(*network, weights);
    const torch::NoGradGuard no_grad;
    found[c.name] = network->forward(images);
    auto options = nlohmann::json::parse(c.options);
    options["num_classes"] = kOutputs;
    request["cases"].push_back({{"case", c.name},
                                {"network", c.torchvision},
                                {"options", options},
                                {"weights", weights.string()}});
  }
  ASSERT_EQ(RunOracle("classifiers.py", request, folder.path()), "");
  const SafetensorsFile wanted(folder.path() / "logits");
  for (const Case& c : kCases) {
    const torch::Tensor theirs = wanted.Tensor(c.name), ours = found[c.name];
    ASSERT_EQ(ours.sizes(), theirs.sizes()) << c.name;
    const double spread = (theirs[0] - theirs[1]).abs().max().item<double>();
    const double scale = std::max(1.0, theirs.abs().max().item<double>());
    const double difference = (ours - theirs).abs().max().item<double>();
    RecordProperty(c.name,
                   std::to_string(difference) + ", logits to " + std::to_string(scale) +
                       ", apart " + std::to_string(spread));
    EXPECT_LE(difference, 1e-4 * scale) << c.name << ", logits up to " << scale;
    // Else logits that do not depend on the image would agree just as well.
    EXPECT_GT(spread, 0.02) << c.name;
    EXPECT_TRUE(std::isfinite(scale)) << c.name;
  }
}

}  // namespace
}  // namespace necknode::models
