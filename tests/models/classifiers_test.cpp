#include <set>

#include "models/classifier.h"
#include "models/classifier_registry.h"
#include "models/classifier_trainer.h"
#include "models/count_macs.h"
#include "models/safetensors.h"
#include "tests/models/expect_tensor.h"
#include "tests/support/temp_folder.h"

namespace necknode::models {
namespace {

using testing::HasSubstr;
using Shape = std::vector<std::int64_t>;

ClassifierConfig Small(const std::string& architecture, int base_width = 8) {
  ClassifierConfig config;
  SetArchitecture(config, architecture);
  config.base_width = base_width;
  config.roi_size = 64;
  return config;
}

/// Noise around a level that tells the class.
class BrightAndDark : public ClassifierDataset {
 public:
  ClassifierSample At(std::int64_t index) override {
    const bool malignant = index % 2 == 0;
    const auto noise =
        torch::sin(torch::arange(48 * 48).view({1, 48, 48}) * static_cast<double>(1 + index % 8));
    return {0.2 * noise + (malignant ? 0.6 : -0.6), malignant, "1"};
  }
};

TEST(MakeClassifier, EveryArchitectureTrainsSavesLoadsAndPredictsTheSame) {
  BrightAndDark data;
  for (const std::string& name : ClassifierNames()) {
    const tests::TempFolder folder;
    torch::manual_seed(1);
    const auto network = MakeClassifier(Small(name));
    TrainerOptions options;
    options.steps = 30;
    options.batch = 8;
    options.learning_rate = 0.1;
    options.warmup_steps = 10;
    options.checkpoint_every = options.validate_every = 0;
    options.report_every = 2;
    options.loader_threads = 0;
    options.folder = folder.path();
    double first = -1;
    const auto last =
        TrainClassifier(*network, data, data, 0, options, 0, [&](const TrainingReport& report) {
          first = first < 0 ? report.loss : first;
        });
    EXPECT_LT(last.loss, 0.3 * first) << name << " from " << first;

    const auto path = folder.path() / "classifier.safetensors";
    SaveModule(*network, path);
    const auto loaded = MakeClassifier(Small(name));
    LoadModule(*loaded, path);
    network->eval();
    loaded->eval();
    const torch::NoGradGuard no_grad;
    const auto rois = torch::randn({2, 1, 64, 64});
    EXPECT_TRUE(torch::equal(network->MalignantLogit(rois), loaded->MalignantLogit(rois))) << name;
  }
}

TEST(MakeClassifier, FoldingBatchNormsChangesNothing) {
  for (const std::string& name : ClassifierNames()) {
    torch::manual_seed(5);
    const auto network = MakeClassifier(Small(name, 16));
    const torch::NoGradGuard no_grad;
    const auto rois = torch::randn({4, 1, 64, 64});
    for (int run = 0; run < 5; ++run)
      (void)network->forward(rois);  // in training mode: the running statistics move
    network->eval();
    const auto before = network->forward(rois);
    network->Fold();
    const auto after = network->forward(rois);
    const double scale = std::max(1.0, before.abs().max().item<double>());
    EXPECT_LT((before - after).abs().max().item<double>(), 1e-4 * scale) << name;
    // Laid out as inference does.
    const auto channels_last = rois.contiguous(at::MemoryFormat::ChannelsLast);
    EXPECT_LT((network->forward(channels_last) - before).abs().max().item<double>(), 1e-4 * scale)
        << name;
  }
}

TEST(MakeClassifier, EveryArchitectureTakesEveryWidthNormAndTheSmallestRoi) {
  for (const std::string& name : ClassifierNames()) {
    std::int64_t smaller = 0;
    for (const int width : {4, 7, 12, 32}) {
      ClassifierConfig config = Small(name, width);
      config.in_channels = 3;
      config.norm = width == 7 ? "group" : width == 12 ? "frozen" : "batch";
      const auto network = MakeClassifier(config);
      network->eval();
      const torch::NoGradGuard no_grad;
      EXPECT_EQ(network->MalignantLogit(torch::randn({2, 3, 32, 32})).sizes(), (Shape{2})) << name;
      std::int64_t weights = 0;
      for (const auto& [key, tensor] : StateOf(*network))
        weights += key.ends_with("weight") ? tensor.numel() : 0;
      EXPECT_GE(weights, smaller) << name << " at " << width;
      smaller = weights;
    }
  }
}

TEST(MakeClassifier, DropsAtRandomWhileTrainingOnlyWhereThatIsPublished) {
  const auto rois = torch::randn({8, 1, 32, 32});
  const torch::NoGradGuard no_grad;
  for (const std::string& name : ClassifierNames()) {
    const auto network = MakeClassifier(Small(name));
    const bool drops = name == "mobilenet_v2" || name == "efficientnet_b0";
    EXPECT_EQ(torch::equal(network->forward(rois), network->forward(rois)), !drops) << name;
    network->eval();
    EXPECT_TRUE(torch::equal(network->forward(rois), network->forward(rois))) << name;
  }
}

TEST(MakeClassifier, RefusesWhatContradictsTheArchitecture) {
  ClassifierConfig config;
  config.attention = false;
  EXPECT_THAT(ErrorOf([&] { (void)MakeClassifier(config); }),
              HasSubstr("classifier.width_factor is 2 and attention false, but a_resnet50_w has "
                        "width_factor 2 and attention true"));
  SetArchitecture(config, "resnet50_w");
  EXPECT_EQ(ErrorOf([&] { CheckConfig(config); }), "");
  config.architecture = "densenet121";
  EXPECT_THAT(ErrorOf([&] { CheckConfig(config); }), HasSubstr("densenet121 has width_factor 1"));
  config.architecture = "vgg16";
  EXPECT_THAT(ErrorOf([&] { CheckConfig(config); }),
              HasSubstr("'vgg16', expected one of resnet50, a_resnet50,"));
  EXPECT_THAT(ErrorOf([&] { SetArchitecture(config, ""); }), HasSubstr("model: "));
}

TEST(MakeClassifier, GivesOneLogitARoiAndNamesTheShapeItRefuses) {
  const auto network = MakeClassifier(Small("a_resnet50_w"));
  EXPECT_EQ(network->MalignantLogit(torch::randn({3, 1, 64, 64})).sizes(), (Shape{3}));
  EXPECT_EQ(network->config().architecture, "a_resnet50_w");
  EXPECT_THAT(ErrorOf([&] {
                (void)network->forward(torch::zeros({64, 64}));
              }),
              HasSubstr("shape [64, 64]"));
  EXPECT_THAT(ErrorOf([&] {
                (void)network->forward(torch::zeros({1, 1, 31, 64}));
              }),
              HasSubstr("at least 32"));
}

TEST(MakeClassifier, AddsOneCoordinateAttentionToEachBottleneck) {
  const auto state = StateOf(*MakeClassifier(Small("a_resnet50_w")));
  std::set<std::string> blocks;
  for (const auto& [name, tensor] : state) {
    const auto at = name.find(".attention.");
    if (at != std::string::npos)
      blocks.insert(name.substr(0, at));
  }
  EXPECT_EQ(blocks.size(), 16U);
  EXPECT_TRUE(blocks.contains("layer4.2"));
  EXPECT_EQ(state.at("layer1.0.attention.conv1.weight").sizes(),
            (Shape{8, 32, 1, 1}));  // at least 8
  EXPECT_EQ(state.at("layer4.0.attention.conv_h.weight").sizes(), (Shape{256, 8, 1, 1}));
  EXPECT_EQ(state.at("layer1.0.conv2.weight").sizes(),
            (Shape{16, 16, 3, 3}));  // twice the width inside
}

TEST(MakeClassifier, TheAblationsDifferInWhatTheyAreNamedFor) {
  const auto state = [](const char* name) { return StateOf(*MakeClassifier(Small(name))); };
  const auto plain = state("resnet50"), attention = state("a_resnet50"), wide = state("resnet50_w"),
             both = state("a_resnet50_w");
  EXPECT_EQ(plain.size(), wide.size());
  EXPECT_EQ(attention.size(), both.size());
  EXPECT_EQ(attention.size(), plain.size() + 16 * 10);  // 3 convolutions with bias and a norm
  EXPECT_EQ(plain.at("layer2.0.conv2.weight").sizes(), (Shape{16, 16, 3, 3}));
  EXPECT_EQ(attention.at("layer2.0.conv2.weight").sizes(), (Shape{16, 16, 3, 3}));
  EXPECT_EQ(both.at("layer2.0.conv2.weight").sizes(), (Shape{32, 32, 3, 3}));
}

TEST(MakeClassifier, ASmallerResNextHasFewerGroupsOfTheSameChannels) {
  const auto state = StateOf(*MakeClassifier(Small("resnext50", 16)));
  EXPECT_EQ(state.at("layer1.0.conv2.weight").sizes(), (Shape{32, 4, 3, 3}));
  EXPECT_EQ(state.at("layer4.0.conv2.weight").sizes(), (Shape{256, 32, 3, 3}));
}

TEST(MakeClassifier, TheSeedDecidesTheInitialWeights) {
  const auto first_weight = [](std::uint64_t seed) {
    torch::manual_seed(seed);
    return MakeClassifier(Small("shufflenet_v2"))->parameters().front().clone();
  };
  EXPECT_TRUE(torch::equal(first_weight(1), first_weight(1)));
  EXPECT_FALSE(torch::equal(first_weight(1), first_weight(2)));
}

}  // namespace
}  // namespace necknode::models
